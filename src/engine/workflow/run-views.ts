import type { JournalEvent } from '../../journal/journal.ts';
import type { PlanNode } from '../../workflow/plan/plan.ts';
import type { RunEvent } from '../../workflow/run/event.ts';
import { pendingActions } from '../../workflow/run/pending-actions.ts';
import { indexOf } from '../../workflow/run/plan-index.ts';
import { groupOf, isOutside, nextStep, openConcerns, stepOf } from '../../workflow/run/progress.ts';
import type { StepStatus, WorkflowRun } from '../../workflow/run/state.ts';
import { statusOf } from '../../workflow/run/status-of.ts';
import type { RunStatus, RunSummary, StepEvidence, StepRow } from './workflow-api.ts';

export function summaryOf(run: WorkflowRun): RunSummary {
  const counts: Partial<Record<StepStatus, number>> = {};
  for (const { id } of run.plan?.nodes ?? []) {
    const status = statusOf(run, id);
    counts[status] = (counts[status] ?? 0) + 1;
  }
  const waiting = run.status === 'running' && pendingActions(run).length === 0;
  return {
    run: run.run,
    documents: run.plan?.documents.map(({ path }) => path) ?? [],
    workspace: run.workspace,
    status: waiting ? 'waiting' : run.status === 'none' ? 'running' : run.status,
    by: run.startedBy,
    startedAt: run.startedAt,
    endedAt: run.endedAt,
    counts,
  };
}

/** `changed`: events after which the caller knows the run; null: nothing is known. */
export function runStatusOf(run: WorkflowRun, changed: readonly JournalEvent[] | null = null): RunStatus {
  const nodes = run.plan?.nodes ?? [];
  const renewed = changed?.some(({ type }) => type === 'PlanRenewed');
  const touched = changed === null || renewed ? null : touchedBy(changed);
  const open = run.concerns.filter(({ resolution }) => resolution === null);
  return {
    ...summaryOf(run),
    version: run.version,
    steps: nodes
      .filter(
        ({ id, group }) =>
          touched === null || touched.has(id) || touched.has(group) || statusOf(run, id) === 'READY',
      )
      .map((node) => stepRow(run, node)),
    groups: (run.plan?.groups ?? []).map(({ id, kind, title }) => {
      const { status, reason, notReverted } = groupOf(run, id);
      return { id, kind, title, status, reason, notReverted };
    }),
    concerns: open.map(({ id, group, text, by, owner }) => ({ id, group, text, by, owner })),
    waitsFor: run.status === 'running' ? waitsForOf(run) : [],
  };
}

/** Ids of steps and groups: what befalls a group may change each of its steps. */
function touchedBy(events: readonly JournalEvent[]): ReadonlySet<string> {
  return new Set(
    events.flatMap(({ data }) => {
      const { step, group } = data as { readonly step?: string | null; readonly group?: string };
      return [step ?? [], group ?? []].flat();
    }),
  );
}

function stepRow(run: WorkflowRun, node: PlanNode): StepRow {
  const { attempt, startedAt, endedAt, reason, acceptedBy } = stepOf(run, node.id);
  const { id, group, command, unconfined } = node;
  const executor = executorText(node);
  const status = statusOf(run, id);
  return {
    id,
    group,
    command,
    status,
    attempt,
    executor,
    startedAt,
    endedAt,
    reason,
    acceptedBy,
    unconfined,
  };
}

/** `run ./measure.sh`, `agent @devops-agent (command)`, `person ann`. */
function executorText({ executor }: PlanNode): string | null {
  switch (executor?.kind) {
    case 'run':
      return `run ${executor.run}`;
    case 'sluice':
      return `sluice ${executor.capability}`;
    case 'agent':
      return `agent ${executor.handle} (${executor.via.kind})`;
    case 'person':
      return `person ${executor.person ?? '(anybody)'}`;
    default:
      return null;
  }
}

/** For people: what each group waits for, with the command that gives it. */
function waitsForOf(run: WorkflowRun): readonly string[] {
  return (run.plan?.groups ?? []).flatMap((group) => {
    const { status, reason } = groupOf(run, group.id);
    const why = reason === null ? '' : ` (${reason})`;
    if (status === 'BLOCKED')
      return [`${group.id} cannot begin${why}: \`sluice workflow resume\` looks again`];
    if (status === 'UNPROVEN')
      return [`${group.id} waits for a sign-off${why}: \`sluice workflow accept ${group.id} --reason …\``];
    const concerns = openConcerns(run, group.id).map(
      (id) => `concern ${id} is open: \`sluice workflow answer ${id} --reason …\``,
    );
    if (status !== 'RUNNING' && status !== 'ESCALATED') return concerns;
    const next = nextStep(run, group);
    return [...concerns, ...(next === null ? [] : stepWaitsFor(run, next))];
  });
}

function stepWaitsFor(run: WorkflowRun, node: PlanNode): readonly string[] {
  const { status, reason } = stepOf(run, node.id);
  const why = reason === null ? '' : ` (${reason})`;
  const { id } = node;
  if (status === 'UNPROVEN')
    return [`${id} is done and not proven${why}: \`sluice workflow accept ${id} --reason …\``];
  if (status === 'ESCALATED')
    return [`${id} failed${why}: \`sluice workflow retry ${id} --reason …\`, or \`skip\``];
  if (status === 'BLOCKED' && node.executor === null)
    return [
      `${id} has nobody to do it${why}. Bind it and say \`sluice workflow resume\`, which reads the bindings again; or do it and say \`sluice workflow complete ${id}\`, or \`skip\``,
    ];
  if (status === 'BLOCKED')
    return [`${id} is blocked${why}: \`sluice workflow complete ${id}\`, \`retry\` or \`skip\``];
  if (!isOutside(node)) return [];
  return [`${id} is for ${executorText(node)}: \`sluice workflow complete ${id}\``];
}

/** Every attempt of a step, from the events of its run. */
export function evidenceOf(
  run: WorkflowRun,
  step: string,
  events: readonly JournalEvent[],
): Omit<StepEvidence, 'log'> {
  const attempts = new Map<
    number,
    { -readonly [K in keyof StepEvidence['attempts'][number]]: StepEvidence['attempts'][number][K] }
  >();
  const criteria = run.plan === null ? [] : (indexOf(run.plan).nodes.get(step)?.criteria ?? []);
  let attempt = 0;
  for (const { type, data } of events) {
    const event = { type, ...(data as object) } as RunEvent;
    if (!('step' in event) || event.step !== step) continue;
    if (event.type === 'StepStarted') {
      attempt = event.attempt;
      attempts.set(attempt, { attempt, performed: null, judgements: [], reason: null });
    }
    const entry = attempts.get(attempt);
    if (entry === undefined) continue;
    if (event.type === 'StepPerformed') entry.performed = event.performed;
    if (event.type === 'StepJudged') {
      entry.judgements = event.judgements.map((one) => {
        const { label = '', text = '' } = criteria.find(({ id }) => id === one.criterion) ?? {};
        return { ...one, label, text };
      });
    }
    if ('reason' in event) entry.reason = event.reason;
  }
  const { acceptedBy } = stepOf(run, step);
  return { run: run.run, step, status: statusOf(run, step), acceptedBy, attempts: [...attempts.values()] };
}
