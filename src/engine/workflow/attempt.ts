import type { PlanNode } from '../../workflow/plan/plan.ts';
import type { RunCommand } from '../../workflow/run/command.ts';
import type { WorkflowRun } from '../../workflow/run/state.ts';

/** One attempt of a step, while it is done. */
export interface Attempt {
  readonly run: WorkflowRun;
  readonly node: PlanNode;
  readonly attempt: number;
  readonly signal: AbortSignal;
  /** Tells what was raised before it ended. */
  readonly tell: (command: RunCommand) => Promise<unknown>;
}
