import type { NamedGroup } from './plan-ids.ts';

/** What a document says has become of a step. It is no evidence: what is said to be done is looked at. */
export interface Claim {
  /** `done`: it is judged before anybody does it. `left-out`: it is skipped. `postponed`: it waits for a person's word. */
  readonly kind: 'done' | 'left-out' | 'postponed';
  /** As printed: `completed`, `deferred`; `done` for a ticked box. */
  readonly status: string;
}

const kinds: readonly (readonly [RegExp, Claim['kind']])[] = [
  [/^(?:done|completed?|succeeded|finished|review|in[ _-]review)$/i, 'done'],
  [/^(?:cancell?ed|wont[ _-]do|won['’]t do|skipped|obsolete)$/i, 'left-out'],
  [/^(?:deferred|postponed|blocked|on[ _-]hold)$/i, 'postponed'],
];

/** The status of a subtask counts before that of its task; null where nothing is said, or that it is still to be done. */
export function claimedStatus({ task, subtask }: NamedGroup): Claim | null {
  const status = (subtask.status ?? task.status ?? '').trim();
  const kind = kinds.find(([words]) => words.test(status))?.[1];
  return kind === undefined ? null : { kind, status };
}
