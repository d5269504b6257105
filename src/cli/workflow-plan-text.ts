import { formatDuration } from '../base/duration.ts';
import type { Claim } from '../workflow/plan/claimed-status.ts';
import type { CompiledPlan } from '../workflow/plan/compile-plan.ts';
import type { Executor } from '../workflow/plan/executor.ts';
import type { Need, PlanGroup, PlanNode, WorkflowPlan } from '../workflow/plan/plan.ts';
import type { PlannedCriterion } from '../workflow/plan/planned-criterion.ts';
import { toldTest } from '../workflow/plan/told-test.ts';
import { wrapped } from './wrapped.ts';

/** What a person reads after `sluice workflow plan`: every step in order, who does it, and how each criterion is judged. */
export function workflowPlanText({ plan, problems }: CompiledPlan): string {
  const steps = new Map<string, PlanNode[]>(plan.groups.map(({ id }) => [id, []]));
  for (const node of plan.nodes) steps.get(node.group)?.push(node);
  return [
    ...plan.documents.flatMap(({ path, generation, digest }) =>
      paragraph(`${path}: ${generation}, ${digest.slice(0, 19)}`, '', 2),
    ),
    ...plan.groups.flatMap((group) => groupText(group, steps.get(group.id) ?? [])),
    '',
    ...summary(plan),
    ...problems.flatMap(({ file, line, message, code, remedy }) => [
      ...paragraph(`${file}:${line} ${message} (${code})`, '', 2),
      ...paragraph(remedy, '  → ', 4),
    ]),
  ].join('\n');
}

function groupText(group: PlanGroup, nodes: readonly PlanNode[]): readonly string[] {
  const { id, kind, title, task, needs, preconditions, criteria, agents, parallel } = group;
  const above = task?.title === undefined || task.title === null ? '' : ` · ${task.title}`;
  const needsNothing = needs.length === 0 || kind === 'document';
  return [
    '',
    ...paragraph(`${id}${title === null ? '' : ` ${title}`}${above}`, kind === 'document' ? '■ ' : '▸ ', 2),
    ...(needsNothing ? [] : paragraph(needs.map(toldNeed).join(', '), '  needs  ', 9)),
    ...(agents.length === 0 ? [] : paragraph(agents.join(', '), '  agents ', 9)),
    ...(parallel ? ['  beside other parallel subtasks'] : []),
    ...preconditions.flatMap((one) => criterionText(one, '  before ')),
    ...nodes.flatMap(stepText),
    ...criteria.flatMap((one) => criterionText(one, '  then   ')),
    ...(kind === 'document' ? [] : paragraph(toldFailure(group), '  fails  ', 9)),
  ];
}

function toldNeed({ on, condition }: Need): string {
  return condition === 'succeeded' ? on : `${on} started`;
}

function toldFailure({ failure: { actions, to }, retries }: PlanGroup): string {
  const words = {
    revert: 'revert the workspace',
    notify: `notify ${to ?? 'whoever runs it'} and go on`,
    escalate: `escalate to ${to ?? 'whoever runs it'}`,
  } as const;
  const tries =
    retries === 0 ? 'at once' : retries === 1 ? 'after one more attempt' : `after ${retries} more attempts`;
  return `${tries}: ${actions.map((action) => words[action]).join(', then ')}`;
}

function stepText(node: PlanNode): readonly string[] {
  const { id, command, executor, missing, tools, criteria, timeoutMs, undo } = node;
  const more = [
    `at most ${formatDuration(timeoutMs)}`,
    ...(node.idempotent ? ['may be done twice'] : []),
    ...(node.unconfined ? ['UNCONFINED'] : []),
    ...(undo === null ? [] : [`undone by \`${undo}\``]),
  ];
  return [
    ...paragraph(`${id} ${command}`, '  ○ ', 6),
    ...(node.claim === undefined ? [] : paragraph(toldClaim(node.claim), '    says   ', 11)),
    ...(executor === null
      ? paragraph(`nobody yet; it lacks ${missing ?? 'a binding'}`, '    by     ✖ ', 11)
      : paragraph(`${toldExecutor(executor)}; ${more.join(', ')}`, '    by     ', 11)),
    ...paragraph(tools.join(', '), '    tools  ', 11),
    ...criteria.flatMap((one) => criterionText(one, '    shows  ')),
    ...(criteria.some(({ proves }) => proves)
      ? []
      : paragraph('nothing proves it: when all holds it is UNPROVEN', '    shows  ✖ ', 11)),
  ];
}

function toldClaim({ kind, status }: Claim): string {
  const then = {
    done: 'it is judged before anybody does it',
    'left-out': 'it is left out',
    postponed: 'it waits for `retry` or `skip`',
  } as const;
  return `"${status}" in its document: ${then[kind]}`;
}

function toldExecutor(executor: Executor): string {
  switch (executor.kind) {
    case 'run':
      return `\`${executor.run}\``;
    case 'sluice':
      return `Sluice: ${executor.capability}`;
    case 'agent': {
      const { handle, via } = executor;
      if (via.kind === 'command') return `${handle}, by \`${via.run}\``;
      return via.kind === 'model'
        ? `${handle}, model ${via.model.name}`
        : `${handle}, over MCP (${via.client})`;
    }
    case 'person':
      return executor.person === null ? 'a person' : `${executor.person} (a person)`;
  }
}

/** `✔` proves, `?` has no way to be judged yet, `☐` waits for a person. */
function criterionText({ label, text, test, proves }: PlannedCriterion, head: string): readonly string[] {
  const sign = proves ? '✔ ' : test.kind === 'unbound' ? '? ' : test.kind === 'sign-off' ? '☐ ' : '· ';
  const name = [label, text].filter((part) => part !== '').join(': ');
  return paragraph(`${name} — ${toldTest(test)}`, `${head}${sign}`, head.length + 2);
}

function summary({ nodes }: WorkflowPlan): readonly string[] {
  const criteria = nodes.flatMap((node) => node.criteria);
  const count = (kind: string) => criteria.filter(({ test }) => test.kind === kind).length;
  const unproven = nodes.filter((node) => !node.criteria.some(({ proves }) => proves)).length;
  const parts = [
    `${nodes.length} steps, ${nodes.filter(({ executor }) => executor === null).length} without anybody to do them`,
    `${unproven} that nothing proves`,
    `${criteria.length} criteria: ${criteria.filter(({ proves }) => proves).length} prove, ${count('unbound')} have no way to be judged yet, ${count('sign-off')} wait for a person`,
  ];
  return paragraph(parts.join('; '), '', 2);
}

function paragraph(text: string, head: string, indent: number): readonly string[] {
  return wrapped(text, { head, indent: ' '.repeat(indent) });
}
