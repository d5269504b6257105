import type { Bindings, StepBinding } from './bindings.ts';

/** What the entries of `steps:` say together: the nearest counts, variables and grants are joined. */
export type MergedBinding = Omit<StepBinding, 'at'>;

const nothing: MergedBinding = {
  executor: null,
  timeoutMs: null,
  env: {},
  idempotent: null,
  undo: null,
  probes: null,
  tools: [],
  unconfined: null,
};

/** `ids` from the widest to the nearest; entries for none of them do not matter. */
export function mergedBinding({ steps }: Pick<Bindings, 'steps'>, ids: Iterable<string>): MergedBinding {
  let merged = nothing;
  for (const id of ids) {
    const nearer = steps.get(id);
    if (nearer === undefined) continue;
    merged = {
      executor: nearer.executor ?? merged.executor,
      timeoutMs: nearer.timeoutMs ?? merged.timeoutMs,
      env: { ...merged.env, ...nearer.env },
      idempotent: nearer.idempotent ?? merged.idempotent,
      undo: nearer.undo ?? merged.undo,
      probes: nearer.probes ?? merged.probes,
      tools: [...new Set([...merged.tools, ...nearer.tools])],
      unconfined: nearer.unconfined ?? merged.unconfined,
    };
  }
  return merged;
}
