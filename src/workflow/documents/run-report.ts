import type { PlanGroup } from '../plan/plan.ts';
import type { Judgement } from '../run/judgement.ts';
import { indexOf } from '../run/plan-index.ts';
import { groupOf, stepOf } from '../run/progress.ts';
import type { WorkflowRun } from '../run/state.ts';
import { statusOf } from '../run/status-of.ts';

/** The report of a run as markdown: what was done by whom, and what was seen for each criterion. */
export function runReport(run: WorkflowRun): string {
  const { plan } = run;
  if (plan === null) return '';
  const subtasks = plan.groups.filter(({ kind }) => kind === 'subtask');
  const documents = plan.groups.filter(
    ({ kind, id }) => kind === 'document' && groupOf(run, id).judgements.length > 0,
  );
  const unconfined = plan.nodes.filter((node) => node.unconfined && stepOf(run, node.id).attempt > 0);
  const accepted = plan.nodes.filter(({ id }) => stepOf(run, id).acceptedBy !== null);
  const parts = [
    `# Run ${run.run}`,
    [
      `- Status: ${run.status}`,
      `- Started: ${time(run.startedAt)} by ${run.startedBy}`,
      ...(run.endedAt === null ? [] : [`- Ended: ${time(run.endedAt)}`]),
      `- Workspace: ${run.workspace}`,
      ...plan.documents.map(({ path, digest }) => `- Document: ${path} (${digest})`),
    ].join('\n'),
    '## Steps',
    countsText(run),
    ...subtasks.map((group) => groupText(run, group)),
    ...(documents.length === 0 ? [] : ['## The whole', ...documents.map((group) => judgedText(run, group))]),
    ...section(
      'Accepted by a person',
      accepted.map(({ id }) => acceptedText(run, id)),
    ),
    ...section(
      'Not reverted',
      plan.groups.flatMap(({ id }) => groupOf(run, id).notReverted),
    ),
    ...section(
      'Not confined',
      unconfined.map(({ id, command }) => `${id}: ${command}`),
    ),
    ...section(
      'Concerns',
      run.concerns.map(({ id, text, by, resolution }) => `${id} (${by}): ${text} → ${resolution ?? 'open'}`),
    ),
  ];
  return `${parts.join('\n\n')}\n`;
}

function countsText(run: WorkflowRun): string {
  const counts = new Map<string, number>();
  for (const id of run.steps.keys()) {
    const status = statusOf(run, id);
    counts.set(status, (counts.get(status) ?? 0) + 1);
  }
  return [...counts].map(([status, count]) => `${count} ${status}`).join(', ');
}

function groupText(run: WorkflowRun, group: PlanGroup): string {
  const nodes = run.plan === null ? [] : (indexOf(run.plan).steps.get(group.id) ?? []);
  const title = group.title === null ? group.id : `${group.id} ${group.title}`;
  const steps = nodes.map(({ id, command, criteria }) => {
    const step = stepOf(run, id);
    const again = step.attempt > 1 ? `, attempt ${step.attempt}` : '';
    const reason = step.reason === null ? '' : `\n  - Why: ${oneLine(step.reason)}`;
    const seen = step.judgements.map((one) => `\n  - ${judgementText(one, criteria)}`).join('');
    return `- **${statusOf(run, id)}** ${id}: ${oneLine(command)}${again}${reason}${seen}`;
  });
  return [`### ${title}`, steps.join('\n'), judgedText(run, group)].filter(Boolean).join('\n\n');
}

/** What a group showed as a whole. */
function judgedText(run: WorkflowRun, { id, criteria }: PlanGroup): string {
  const { judgements, signed, status } = groupOf(run, id);
  if (judgements.length === 0) return '';
  const lines = judgements.map((one) => {
    const by = signed[one.criterion];
    const word = by === undefined ? '' : ` (signed by ${by.by}: ${oneLine(by.reason)})`;
    return `- ${judgementText(one, criteria)}${word}`;
  });
  return [`${id} as a whole: ${status}`, lines.join('\n')].join('\n\n');
}

function judgementText({ criterion, outcome, seen }: Judgement, criteria: PlanGroup['criteria']): string {
  const { label = '', text = '' } = criteria.find(({ id }) => id === criterion) ?? {};
  const name = [label, text].filter(Boolean).join(' ');
  const digest = seen.digest === null ? '' : `, ${seen.digest}`;
  return `${outcome}: ${oneLine(name)} → ${oneLine(seen.observed)}${digest}, ${time(seen.at)}`;
}

function acceptedText(run: WorkflowRun, id: string): string {
  const { acceptedBy, reason } = stepOf(run, id);
  return `${id} by ${acceptedBy}: ${oneLine(reason ?? '')}`;
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`## ${title}`, lines.map((line) => `- ${line}`).join('\n')];
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim().slice(0, 300);
}

function time(at: number): string {
  return new Date(at).toISOString();
}
