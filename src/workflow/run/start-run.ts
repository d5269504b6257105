import type { WorkflowPlan } from '../plan/plan.ts';
import type { RunCommand } from './command.ts';
import type { Progress } from './progress.ts';
import { type Refusal, refusal } from './refusal.ts';

/** Begins a run, or the part of it that was asked for. */
export function startRun(
  progress: Progress,
  { run, plan, workspace, from, only, by, at }: Extract<RunCommand, { type: 'StartRun' }>,
): Refusal | null {
  if (plan.nodes.length === 0) {
    return refusal(
      'plan-empty',
      'There is no step in these documents.',
      'See with `sluice workflow check` what was understood of them.',
    );
  }
  const start = from === null ? 0 : plan.nodes.findIndex(({ id, group }) => id === from || group === from);
  if (start < 0) return unknown(plan, `${from}`, '--from');
  if (only !== null && !plan.groups.some(({ id }) => id === only)) return unknown(plan, only, '--only');
  const skipped = plan.nodes.flatMap(({ id, group }, index) =>
    index < start || (only !== null && group !== only) ? [id] : [],
  );
  progress.emit({ type: 'RunStarted', run, plan, workspace, skipped, by, at });
  return null;
}

function unknown({ nodes, groups }: WorkflowPlan, id: string, option: string): Refusal {
  const known = option === '--only' ? groups : nodes;
  const some = known.slice(0, 3).map((one) => one.id);
  return refusal(
    'id-unknown',
    `${option} ${id} is nowhere in these documents.`,
    `Name one of ${some.join(', ')}${known.length > 3 ? ' …' : ''}; \`sluice workflow plan\` lists them.`,
  );
}
