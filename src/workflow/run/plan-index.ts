import type { PlanGroup, PlanNode, WorkflowPlan } from '../plan/plan.ts';

/** A plan by its ids. */
export interface PlanIndex {
  readonly nodes: ReadonlyMap<string, PlanNode>;
  readonly groups: ReadonlyMap<string, PlanGroup>;
  /** Steps of a group, in order. */
  readonly steps: ReadonlyMap<string, readonly PlanNode[]>;
}

const known = new WeakMap<WorkflowPlan, PlanIndex>();

/** Made once for each plan. */
export function indexOf(plan: WorkflowPlan): PlanIndex {
  const found = known.get(plan);
  if (found !== undefined) return found;
  const steps = new Map<string, PlanNode[]>(plan.groups.map(({ id }) => [id, []]));
  for (const node of plan.nodes) steps.get(node.group)?.push(node);
  const made = {
    nodes: new Map(plan.nodes.map((node) => [node.id, node])),
    groups: new Map(plan.groups.map((group) => [group.id, group])),
    steps,
  };
  known.set(plan, made);
  return made;
}
