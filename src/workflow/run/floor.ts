import type { PlanGroup } from '../plan/plan.ts';
import { groupOf, isOutside, nextStep, openConcerns, stepOf } from './progress.ts';
import type { WorkflowRun } from './state.ts';

/** Groups that have begun and are neither done nor given up. */
export function runningGroups(run: WorkflowRun): readonly PlanGroup[] {
  return (run.plan?.groups ?? []).filter(({ id }) => groupOf(run, id).status === 'RUNNING');
}

/**
 * Whether a group may work in the workspace now. One that may have to be reverted works alone until it is done: what others
 * did meanwhile would be lost with it.
 */
export function hasTheFloor(run: WorkflowRun, group: PlanGroup, running: readonly PlanGroup[]): boolean {
  const others = running.filter(({ id }) => id !== group.id);
  if (others.some(mayRevert)) return false;
  // One that only pauses before its next attempt is not overtaken by a group that has not begun yet.
  if (groupOf(run, group.id).status !== 'RUNNING' && others.some((other) => isPausing(run, other)))
    return false;
  const busy = others.filter((other) => isBusy(run, other));
  if (busy.length === 0) return true;
  const together = group.parallel && !mayRevert(group) && busy.every(({ parallel }) => parallel);
  return together && busy.length < (run.plan?.concurrency ?? 1);
}

export function mayRevert({ failure }: PlanGroup): boolean {
  return failure.actions.includes('revert');
}

function isPausing(run: WorkflowRun, group: PlanGroup): boolean {
  const next = nextStep(run, group);
  if (next === null || isOutside(next)) return false;
  const { status, notBefore } = stepOf(run, next.id);
  return status === 'PENDING' && notBefore !== null;
}

/** Something of it goes on by itself; else it waits for a word from outside, or for the floor. */
function isBusy(run: WorkflowRun, group: PlanGroup): boolean {
  if (groupOf(run, group.id).failing.length > 0) return true;
  const next = nextStep(run, group);
  if (next === null) return openConcerns(run, group.id).length === 0;
  const { status, takenBy } = stepOf(run, next.id);
  return status === 'VERIFYING' || (status === 'RUNNING' && takenBy === null);
}
