import type { WorkflowPlan } from '../plan/plan.ts';
import type { RunCommand } from './command.ts';
import { planChanges } from './plan-changes.ts';
import type { Progress } from './progress.ts';
import { type Refusal, refusal } from './refusal.ts';

/** Goes on by another plan, because a person corrected the bindings, or accepts what a document says now. */
export function renewPlan(
  progress: Progress,
  { plan, acceptChanges, by, at }: Extract<RunCommand, { type: 'RenewPlan' }>,
): Refusal | null {
  const { bound, reworked } = planChanges(progress.plan, plan);
  if (reworked.length > 0 && !acceptChanges) {
    const files = changedDocuments(progress.plan, plan);
    return refusal(
      'documents-changed',
      `${files.join(', ') || 'A document'} asks for other work than when this run began: ${reworked.slice(0, 5).join(', ')}${reworked.length > 5 ? ` and ${reworked.length - 5} more` : ''}.`,
      'Put back what it said, or go on with what it says now: `sluice workflow resume --accept-changes`. What was verified and reads the same stays so; the rest begins anew.',
    );
  }
  progress.emit({ type: 'PlanRenewed', plan, bound, reworked, by, at });
  return null;
}

function changedDocuments(before: WorkflowPlan, after: WorkflowPlan): readonly string[] {
  const digests = new Map(before.documents.map(({ path, digest }) => [path, digest]));
  return after.documents.filter(({ path, digest }) => digests.get(path) !== digest).map(({ path }) => path);
}
