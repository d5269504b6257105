import type { PlanGroup, PlanNode } from '../../workflow/plan/plan.ts';
import { indexOf } from '../../workflow/run/plan-index.ts';
import type { WorkflowRun } from '../../workflow/run/state.ts';
import type { WorkflowParts } from './workflow-parts.ts';

export interface Reverted {
  readonly digest: string;
  readonly restored: readonly string[];
  /** Effects outside the workspace that nothing took back, for people. */
  readonly notReverted: readonly string[];
}

export function snapshotId(run: WorkflowRun, group: string): string {
  return `${run.run}/${group}`;
}

/**
 * Takes back what a group did: first what its steps did outside the workspace, in reverse order, by the `undo` of each; then the
 * workspace, byte for byte. Called again after a crash it goes on where it was.
 */
export async function revertGroup(
  parts: WorkflowParts,
  run: WorkflowRun,
  group: PlanGroup,
): Promise<Reverted> {
  // What was done before this run began is not its to take back.
  const begun = stepsOf(run, group).filter(({ id }) => {
    const { attempt, performed } = run.steps.get(id) ?? { attempt: 0, performed: null };
    return attempt > 0 && performed?.ended !== 'claimed';
  });
  const notReverted: string[] = [];
  for (const node of [...begun].reverse()) {
    const left = await undo(parts, run, node);
    if (left !== null) notReverted.push(left);
  }
  const { digest, restored } = await parts.workspaces.restore(snapshotId(run, group.id), run.workspace);
  return { digest, restored, notReverted };
}

function stepsOf(run: WorkflowRun, { id }: PlanGroup): readonly PlanNode[] {
  return run.plan === null ? [] : (indexOf(run.plan).steps.get(id) ?? []);
}

/** What is left of a step outside the workspace; null: nothing. */
async function undo(parts: WorkflowParts, run: WorkflowRun, node: PlanNode): Promise<string | null> {
  if (node.undo === null) {
    if (!node.reachesOutside) return null;
    return `${node.id} (${node.command}) has no \`undo\`: what it did outside the workspace stays`;
  }
  const { attempt } = run.steps.get(node.id) ?? { attempt: 0 };
  const outcome = await parts.commands.run({
    id: `workflow-undo-${run.run}-${node.id}-${attempt}`,
    spec: { run: node.undo, timeoutMs: node.timeoutMs, env: {} },
    directory: run.workspace,
    env: { SLUICE_RUN: run.run, SLUICE_STEP: node.id },
  });
  if (outcome.exitCode === 0) return null;
  const why = outcome.timedOut ? 'was not done in time' : `ended with exit code ${outcome.exitCode}`;
  return `${node.id} (${node.command}): its \`undo\` ${why}: ${outcome.output.slice(-300).trim()}`;
}
