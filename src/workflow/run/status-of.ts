import { hasTheFloor, mayRevert, runningGroups } from './floor.ts';
import { indexOf } from './plan-index.ts';
import { groupOf, needsHold, nextStep, stepOf } from './progress.ts';
import type { StepStatus, WorkflowRun } from './state.ts';

/** The status of a step for people: one that nothing keeps from beginning is READY. */
export function statusOf(run: WorkflowRun, id: string): StepStatus {
  const { status } = stepOf(run, id);
  if (status !== 'PENDING' || run.plan === null || run.status !== 'running') return status;
  const { nodes, groups } = indexOf(run.plan);
  const node = nodes.get(id);
  const group = node === undefined ? undefined : groups.get(node.group);
  if (node === undefined || group === undefined || nextStep(run, group)?.id !== id) return status;
  const { status: begun, failing, snapshot } = groupOf(run, group.id);
  const prepared = snapshot !== null || !mayRevert(group);
  if (begun !== 'RUNNING' || failing.length > 0 || !prepared || !needsHold(run, node)) return status;
  return hasTheFloor(run, group, runningGroups(run)) ? 'READY' : status;
}
