import type { WorkflowPlan } from '../plan/plan.ts';
import type { RunCommand } from './command.ts';
import { decide } from './decide.ts';
import { evolve } from './evolve.ts';
import { emptyRun, type WorkflowRun } from './state.ts';

/** `W-1`, which ada started at 1 s, after these commands. Throws when one of them is refused. */
export function memoryRun(plan: WorkflowPlan, ...commands: readonly RunCommand[]): WorkflowRun {
  const start = { type: 'StartRun', run: 'W-1', plan, workspace: '/w', from: null, only: null } as const;
  return [{ ...start, at: 1_000, by: 'ada' }, ...commands].reduce((run, command) => {
    const decision = decide(run, command);
    if (decision.kind !== 'decided') throw new Error(`${command.type}: ${JSON.stringify(decision)}`);
    return decision.events.reduce(evolve, run);
  }, emptyRun('W-1'));
}
