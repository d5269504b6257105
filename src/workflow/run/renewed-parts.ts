import type { PlanNode, WorkflowPlan } from '../plan/plan.ts';
import type { PlanChanges } from './plan-changes.ts';
import { indexOf } from './plan-index.ts';
import type { GroupState, StepState, WorkflowRun } from './state.ts';

/**
 * What was verified stays. What lacked somebody to do it, or a way to be judged, gets another chance; what a document words anew begins
 * anew. What is under way ends by the plan by which it began.
 */
export function renewedParts(
  run: WorkflowRun,
  plan: WorkflowPlan,
  { bound, reworked }: PlanChanges,
  fresh: { readonly step: (node: PlanNode) => StepState; readonly group: GroupState },
): { readonly steps: Map<string, StepState>; readonly groups: Map<string, GroupState> } {
  const before = run.plan === null ? null : indexOf(run.plan);
  const [rebound, anew] = [new Set(bound), new Set(reworked)];
  const stepOf = (node: PlanNode): StepState => {
    const known = run.steps.get(node.id);
    if (known === undefined) return fresh.step(node);
    if (anew.has(node.id)) return goesOn.has(known.status) ? known : begunAnew(known);
    if (!rebound.has(node.id)) return known;
    return reboundStep(known, before?.nodes.get(node.id)?.executor === null);
  };
  const { steps } = indexOf(plan);
  const groupOf = (id: string): GroupState => {
    const known = run.groups.get(id);
    if (known === undefined) return fresh.group;
    const { status, signed } = known;
    const open = (steps.get(id) ?? []).some((node) => anew.has(node.id) || !run.steps.has(node.id));
    if (status !== 'SKIPPED' && status !== 'RUNNING' && (open || anew.has(id)))
      return { ...fresh.group, signed };
    // What could not be judged as a whole is looked at once more.
    return rebound.has(id) && status === 'UNPROVEN' ? { ...known, status: 'RUNNING' } : known;
  };
  return {
    steps: new Map(plan.nodes.map((node) => [node.id, stepOf(node)])),
    groups: new Map(plan.groups.map(({ id }) => [id, groupOf(id)])),
  };
}

/** It ends by the plan by which it began, or somebody left it out. */
const goesOn: ReadonlySet<StepState['status']> = new Set(['RUNNING', 'VERIFYING', 'SKIPPED']);

function reboundStep(known: StepState, lacked: boolean): StepState {
  if (known.status === 'BLOCKED' && lacked) return begunAnew(known);
  // It was done; only how to look at it is another.
  if (known.status === 'UNPROVEN' && known.performed !== null)
    return { ...known, status: 'VERIFYING', judgements: [], reason: null, endedAt: null };
  return known;
}

function begunAnew(known: StepState): StepState {
  return {
    ...known,
    status: 'PENDING',
    firstAttempt: known.attempt + 1,
    endedAt: null,
    notBefore: null,
    takenBy: null,
    performed: null,
    judgements: [],
    reason: null,
    acceptedBy: null,
  };
}
