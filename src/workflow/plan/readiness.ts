import type { CompiledPlan } from './compile-plan.ts';
import type { PlanNode } from './plan.ts';

/** For every step of a document: is it clear who performs it, and who judges it? By the ids of the plan, as bindings name them. */
export interface Readiness {
  /** Somebody performs them, and Sluice judges every criterion itself. */
  readonly understood: readonly string[];
  /** Nobody performs them, or nothing says how to look at what they must show. */
  readonly needsBinding: readonly string[];
  /** A person, or an agent that signs by name, has to judge some of their criteria. */
  readonly humanJudged: readonly string[];
  /** Nothing of theirs is a proof: when all holds they are UNPROVEN. */
  readonly unproven: readonly string[];
  /** What the bindings lack for criteria, each once with the steps that want it. */
  readonly needs: readonly { readonly what: string; readonly steps: readonly string[] }[];
  /** Where steps stand whose id the document does not print: line by id. */
  readonly lines: Readonly<Record<string, number>>;
}

/** Of one document of a plan, by its path. */
export function readinessOf({ plan, places }: CompiledPlan, file: string): Readiness {
  const nodes = plan.nodes.filter(({ id }) => places.get(id)?.file === file);
  const named = (fits: (node: PlanNode) => boolean) => nodes.filter(fits).map(({ id }) => id);
  const has = (kind: 'unbound' | 'sign-off') => (node: PlanNode) =>
    node.criteria.some(({ test }) => test.kind === kind);
  const lacks = (node: PlanNode) => node.executor === null || has('unbound')(node);
  const needs = new Map<string, Set<string>>();
  for (const node of nodes)
    for (const { test } of node.criteria)
      if (test.kind === 'unbound') needs.set(test.needs, (needs.get(test.needs) ?? new Set()).add(node.id));
  const lines = nodes.flatMap(({ id }) => {
    const place = places.get(id);
    return place === undefined || place.id === id ? [] : [[id, place.line] as const];
  });
  return {
    understood: named((node) => !lacks(node) && !has('sign-off')(node)),
    needsBinding: named(lacks),
    humanJudged: named(has('sign-off')),
    unproven: named(({ criteria }) => !criteria.some(({ proves }) => proves)),
    needs: [...needs].map(([what, steps]) => ({ what, steps: [...steps] })),
    lines: Object.fromEntries(lines),
  };
}
