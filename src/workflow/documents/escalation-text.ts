import type { PlanGroup } from '../plan/plan.ts';
import { indexOf } from '../run/plan-index.ts';
import type { WorkflowRun } from '../run/state.ts';

/** The escalation of a group in the format of the operator prompt: what, how bad, what was done, what is needed. */
export function escalationText(
  run: WorkflowRun,
  group: PlanGroup,
  { at, log }: { readonly at: number; readonly log: string },
): string {
  const state = run.groups.get(group.id);
  const failed = state?.failedStep ?? null;
  const step = failed === null ? undefined : run.steps.get(failed);
  const node = failed === null || run.plan === null ? undefined : indexOf(run.plan).nodes.get(failed);
  const reverted = group.failure.actions.includes('revert');
  const lines = [
    `# ESCALATION: ${failed ?? group.id}`,
    '',
    `- Run: ${run.run}`,
    `- Time: ${new Date(at).toISOString()}`,
    `- To: ${group.failure.to ?? 'whoever runs it'}`,
    `- Subtask: ${group.id}${group.title === null ? '' : ` (${group.title})`}`,
    ...(node === undefined ? [] : [`- Step: ${node.id}: ${node.command}`]),
    `- Policy: ${group.failure.text ?? 'none given; a person is called'}`,
    '',
    '## Issue',
    '',
    step?.reason ?? state?.reason ?? 'What the subtask must show as a whole does not hold.',
    '',
    '## Evidence',
    '',
    ...(step === undefined ? (state?.judgements ?? []) : step.judgements).map(
      ({ criterion, outcome, seen }) => `- ${criterion}: ${outcome}: ${seen.observed}`,
    ),
    ...(step === undefined ? [] : [`- Attempts: ${step.attempt - step.firstAttempt + 1}`]),
    '',
    '## What was done',
    '',
    reverted
      ? '- The workspace was given back as it was before the subtask, byte for byte.'
      : '- Nothing was taken back.',
    ...(state?.notReverted ?? []).map((effect) => `- NOT REVERTED: ${effect}`),
    '',
    '## What is needed',
    '',
    `- \`sluice workflow retry ${failed ?? group.id}\` when the cause is gone, \`skip\` to go on without it, or \`cancel\`.`,
    ...(log === '' ? [] : ['', '## Log', '', '```', log.replaceAll('```', "'''").trimEnd(), '```']),
  ];
  return `${lines.join('\n')}\n`;
}
