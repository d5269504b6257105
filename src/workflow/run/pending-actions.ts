import type { PlanGroup, PlanNode } from '../plan/plan.ts';
import { hasTheFloor, mayRevert, runningGroups } from './floor.ts';
import { groupOf, isOutside, needsHold, nextStep, openConcerns, stepOf } from './progress.ts';
import type { WorkflowRun } from './state.ts';

/** What is to be done next; derived from the state, with the same id for the same work after a crash. */
export type RunAction =
  | { readonly id: string; readonly type: 'perform'; readonly node: PlanNode; readonly attempt: number }
  | { readonly id: string; readonly type: 'judge-step'; readonly node: PlanNode; readonly attempt: number }
  | { readonly id: string; readonly type: 'judge-preconditions'; readonly group: PlanGroup }
  | { readonly id: string; readonly type: 'judge-group'; readonly group: PlanGroup }
  | { readonly id: string; readonly type: 'snapshot'; readonly group: PlanGroup }
  | {
      readonly id: string;
      readonly type: 'revert' | 'notify' | 'escalate';
      readonly group: PlanGroup;
      readonly failedStep: string | null;
    }
  | { readonly id: string; readonly type: 'tick'; readonly at: number };

export function pendingActions(run: WorkflowRun): readonly RunAction[] {
  if (run.status !== 'running' || run.plan === null) return [];
  const running = runningGroups(run);
  return [
    ...running.flatMap((group) => ofRunning(run, group, running)),
    ...run.plan.groups.flatMap((group) => ofWaiting(run, group, running)),
  ];
}

/** A group that may begin as soon as it is known whether what it needs is there. */
function ofWaiting(run: WorkflowRun, group: PlanGroup, running: readonly PlanGroup[]): readonly RunAction[] {
  const { status, judgements } = groupOf(run, group.id);
  if (status !== 'PENDING' || group.preconditions.length <= judgements.length) return [];
  if (!needsHold(run, group) || !hasTheFloor(run, group, running)) return [];
  return [{ id: `preconditions-${group.id}`, type: 'judge-preconditions', group }];
}

function ofRunning(run: WorkflowRun, group: PlanGroup, running: readonly PlanGroup[]): readonly RunAction[] {
  const { failing, failedStep, snapshot } = groupOf(run, group.id);
  const [first] = failing;
  if (first !== undefined) {
    const attempt = failedStep === null ? 0 : stepOf(run, failedStep).attempt;
    return [
      { id: `${first}-${group.id}-${failedStep ?? 'whole'}-${attempt}`, type: first, group, failedStep },
    ];
  }
  const next = nextStep(run, group);
  if (next === null) {
    if (group.criteria.length === 0 || openConcerns(run, group.id).length > 0) return [];
    return [{ id: `judge-${group.id}`, type: 'judge-group', group }];
  }
  if (snapshot === null && mayRevert(group)) return [{ id: `snapshot-${group.id}`, type: 'snapshot', group }];
  return hasTheFloor(run, group, running) || stepOf(run, next.id).status !== 'PENDING'
    ? ofStep(run, next)
    : [];
}

function ofStep(run: WorkflowRun, node: PlanNode): readonly RunAction[] {
  const { status, attempt, notBefore, takenBy } = stepOf(run, node.id);
  if (status === 'VERIFYING')
    return [{ id: `judge-${node.id}-${attempt}`, type: 'judge-step', node, attempt }];
  if (status === 'RUNNING' && takenBy === null)
    return [{ id: `perform-${node.id}-${attempt}`, type: 'perform', node, attempt }];
  if (status === 'PENDING' && notBefore !== null && !isOutside(node))
    return [{ id: `tick-${node.id}-${attempt}`, type: 'tick', at: notBefore }];
  return [];
}
