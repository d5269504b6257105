import type { PlanGroup, PlanNode } from '../plan/plan.ts';
import { indexOf } from '../run/plan-index.ts';
import type { GroupState, StepState, WorkflowRun } from '../run/state.ts';

/**
 * The escalation of a group in the format of the operator prompt: what happened, what it means, what was done, and what is
 * needed. `log`: tail of what the step printed.
 */
export function escalationText(
  run: WorkflowRun,
  group: PlanGroup,
  { at, log }: { readonly at: number; readonly log: string },
): string {
  const state = run.groups.get(group.id);
  const id = state?.failedStep ?? null;
  const step = id === null ? undefined : run.steps.get(id);
  const node = id === null || run.plan === null ? undefined : indexOf(run.plan).nodes.get(id);
  const { actions, to, text } = group.failure;
  const seen = (step === undefined ? (state?.judgements ?? []) : step.judgements).map(
    ({ criterion, outcome, seen: { observed } }) => `- ${criterion}: ${outcome}: ${observed}`,
  );
  const lines = [
    '## Escalation Request',
    `- **Agent:** ${group.agents[0] ?? 'none'}`,
    `- **Unit ID:** ${id ?? group.id}`,
    `- **Severity:** ${(state?.notReverted.length ?? 0) > 0 ? 'CRITICAL' : 'HIGH'}`,
    `- **Issue:** ${issueOf(group, node, state, step)}`,
    `- **Impact:** ${impactOf(run, group)}`,
    '- **Actions Taken:**',
    ...actionsOf(actions, state, step).map((action) => `  - ${action}`),
    `- **Current Status:** ${group.id}${group.title === null ? '' : ` (${group.title})`} waits; run ${run.run}`,
    `- **Help Needed:** find the cause, then \`sluice workflow retry ${id ?? group.id} --reason …\`; or \`skip\`, or \`cancel\``,
    `- **Contacts Notified:** ${to ?? 'whoever runs it'}, ${new Date(at).toISOString()}`,
    ...(text === null ? [] : [`- **Policy:** ${text}`]),
    ...(seen.length === 0 ? [] : ['', '## Evidence', '', ...seen]),
    ...(log === '' ? [] : ['', '## Log', '', '```', log.replaceAll('```', "'''").trimEnd(), '```']),
  ];
  return `${lines.join('\n')}\n`;
}

function issueOf(
  group: PlanGroup,
  node: PlanNode | undefined,
  state: GroupState | undefined,
  step: StepState | undefined,
): string {
  const what = node === undefined ? `${group.id} as a whole` : node.command;
  const why = step?.reason ?? state?.reason ?? 'what it must show does not hold';
  return `${what}: ${why}`.replace(/\s+/g, ' ');
}

/** Who cannot go on because of it. */
function impactOf({ plan }: WorkflowRun, group: PlanGroup): string {
  const waiting = (plan?.groups ?? []).filter(({ needs }) => needs.some(({ on }) => on === group.id));
  return waiting.length === 0
    ? 'nothing else waits for it'
    : `${waiting.map(({ id }) => id).join(', ')} cannot begin`;
}

function actionsOf(
  actions: PlanGroup['failure']['actions'],
  state: GroupState | undefined,
  step: StepState | undefined,
): readonly string[] {
  const attempts = step === undefined ? 0 : step.attempt - step.firstAttempt + 1;
  return [
    ...(attempts > 0 ? [`tried ${attempts === 1 ? 'once' : `${attempts} times`}`] : []),
    actions.includes('revert')
      ? 'gave the workspace back as it was before the subtask, byte for byte'
      : 'took nothing back: the document does not ask for it',
    ...(state?.notReverted ?? []).map((effect) => `NOT REVERTED: ${effect}`),
  ];
}
