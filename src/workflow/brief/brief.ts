import type { PlanGroup, PlanNode } from '../plan/plan.ts';
import { isProbe, type PlannedCriterion } from '../plan/planned-criterion.ts';
import { indexOf } from '../run/plan-index.ts';
import type { StepState, WorkflowRun } from '../run/state.ts';

/** Everything that whoever does a step is told, as markdown: who it is, what to do, with what, and how it will be judged. */
export function briefOf(run: WorkflowRun, node: PlanNode, handle: string | null): string {
  const { plan } = run;
  if (plan === null) return '';
  const index = indexOf(plan);
  const group = index.groups.get(node.group);
  const document = group === undefined ? undefined : plan.documents[group.document];
  const role = plan.agents.find((agent) => agent.handle === handle)?.instructions ?? null;
  const parts = [
    `# ${node.id}: ${node.command}`,
    ...(role === null ? [] : ['## Who you are', role]),
    ...(document?.superPrompt ? ['## What this is part of', document.superPrompt] : []),
    '## What to do',
    node.command,
    ...(node.description === null ? [] : [node.description]),
    ...linksOf(group),
    '## What you may use',
    node.tools.length === 0 ? 'Nothing but your thoughts.' : list(node.tools.map((tool) => `\`${tool}\``)),
    `Work in this folder only: \`${run.workspace}\`.${protectedText(plan.protectedPaths)}`,
    '## How it will be judged',
    'Sluice looks by itself; that you say it is done counts for nothing.',
    ...criteriaText(node.criteria),
    ...earlierText(run, node),
    ...failedText(run.steps.get(node.id)),
  ];
  return `${parts.join('\n\n')}\n`;
}

function linksOf(group: PlanGroup | undefined): readonly string[] {
  return group === undefined || group.links.length === 0
    ? []
    : ['## What to read first', list(group.links.map((link) => `\`${link}\``))];
}

function protectedText(globs: readonly string[]): string {
  return globs.length === 0 ? '' : ` Leave alone: ${globs.map((glob) => `\`${glob}\``).join(', ')}.`;
}

/** A probe that is known can be satisfied without doing the work. */
function criteriaText(criteria: readonly PlannedCriterion[]): readonly string[] {
  const told = criteria.filter((criterion) => !isProbe(criterion));
  const probed =
    told.length < criteria.length ? ['And by looking at what is there, in a way that is not told here.'] : [];
  return told.length === 0 ? probed : [list(told.map(criterionText)), ...probed];
}

function criterionText({ label, text }: PlannedCriterion): string {
  return label === '' ? text : `${label}: ${text}`;
}

/** What was seen of the steps before it in its subtask. */
function earlierText(run: WorkflowRun, node: PlanNode): readonly string[] {
  const own = run.plan === null ? [] : (indexOf(run.plan).steps.get(node.group) ?? []);
  const done = own.slice(0, own.indexOf(node)).flatMap(({ id, command }) => {
    const step = run.steps.get(id);
    if (step === undefined || step.judgements.length === 0) return [];
    const seen = step.judgements.map(({ seen: { observed } }) => observed).join('; ');
    return [`${id} (${step.status}) ${command}: ${seen}`];
  });
  return done.length === 0 ? [] : ['## What is there already', list(done)];
}

function failedText(step: StepState | undefined): readonly string[] {
  return step?.reason ? ['## Why the last attempt did not do', step.reason] : [];
}

function list(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}`).join('\n');
}
