import { indexOf } from '../run/plan-index.ts';
import { groupOf, stepOf } from '../run/progress.ts';
import type { StepStatus, WorkflowRun } from '../run/state.ts';
import { statusOf } from '../run/status-of.ts';

/** What a run says about one task, subtask or step, for files of others. */
export interface UnitFacts {
  readonly id: string;
  readonly status: StepStatus;
  /** ISO 8601; null before. */
  readonly startedAt: string | null;
  readonly completedAt: string | null;
  /** What was seen of its criteria. */
  readonly evidence: readonly string[];
}

/** What `Step.json` and `DNA.json` are told: a projection of the journal. */
export interface StateFacts {
  readonly run: string;
  readonly status: 'in_progress' | 'completed' | 'failed';
  readonly startedAt: string;
  readonly updatedAt: string;
  readonly previous: string | null;
  readonly current: string | null;
  readonly next: string | null;
  /** Handle of who does the current one, without `@`. */
  readonly agent: string | null;
  readonly total: number;
  readonly completed: number;
  readonly units: readonly UnitFacts[];
}

/** `at`: when it is told, ms. */
export function stateFacts(run: WorkflowRun, at: number): StateFacts {
  const nodes = run.plan?.nodes ?? [];
  const done = nodes.map(({ id }) => isDone(statusOf(run, id)));
  const position = done.indexOf(false);
  const current = position < 0 ? null : (nodes[position] ?? null);
  const before = position < 0 ? nodes.length : position;
  return {
    run: run.run,
    status: run.status === 'succeeded' ? 'completed' : run.status === 'running' ? 'in_progress' : 'failed',
    startedAt: iso(run.startedAt) ?? '',
    updatedAt: iso(at) ?? '',
    previous: nodes[before - 1]?.id ?? null,
    current: current?.id ?? null,
    next: position < 0 ? null : (nodes[position + 1]?.id ?? null),
    agent: agentOf(run, current?.group)?.replace(/^@/, '') ?? null,
    total: nodes.length,
    completed: done.filter(Boolean).length,
    units: unitsOf(run),
  };
}

function isDone(status: StepStatus): boolean {
  return status === 'SUCCEEDED' || status === 'SKIPPED';
}

function agentOf(run: WorkflowRun, group: string | undefined): string | null {
  if (run.plan === null || group === undefined) return null;
  return indexOf(run.plan).groups.get(group)?.agents[0] ?? null;
}

function unitsOf(run: WorkflowRun): readonly UnitFacts[] {
  const { plan } = run;
  if (plan === null) return [];
  const steps = plan.nodes.map(({ id }): UnitFacts => {
    const { startedAt, endedAt, judgements } = stepOf(run, id);
    const evidence = judgements.map(({ seen }) => seen.observed);
    return { id, status: statusOf(run, id), startedAt: iso(startedAt), completedAt: iso(endedAt), evidence };
  });
  const index = indexOf(plan);
  const groups = plan.groups
    .filter(({ kind }) => kind === 'subtask')
    .map(({ id, task }) => ({ id, task, facts: spanOf(id, groupOf(run, id).status, stepsOf(id)) }));
  const tasks = new Map<string, UnitFacts[]>();
  for (const { task, facts } of groups) {
    if (task?.id) tasks.set(task.id, [...(tasks.get(task.id) ?? []), facts]);
  }
  return [
    ...[...tasks].map(([id, own]) => spanOf(id, together(own), own)),
    ...groups.map(({ facts }) => facts),
    ...steps,
  ];

  function stepsOf(group: string): readonly UnitFacts[] {
    const own = new Set(index.steps.get(group)?.map(({ id }) => id));
    return steps.filter(({ id }) => own.has(id));
  }
}

function together(units: readonly UnitFacts[]): StepStatus {
  if (units.every(({ status }) => isDone(status))) return 'SUCCEEDED';
  const telling = units.find(({ status }) => status !== 'PENDING' && !isDone(status));
  if (telling !== undefined) return telling.status;
  return units.some(({ status }) => isDone(status)) ? 'RUNNING' : 'PENDING';
}

function spanOf(id: string, status: StepStatus, parts: readonly UnitFacts[]): UnitFacts {
  const starts = parts.flatMap(({ startedAt }) => startedAt ?? []).sort();
  const ends = parts.flatMap(({ completedAt }) => completedAt ?? []).sort();
  return {
    id,
    status,
    startedAt: starts[0] ?? null,
    completedAt: isDone(status) ? (ends.at(-1) ?? null) : null,
    evidence: parts.map((part) => `${part.id}: ${part.status}`),
  };
}

function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
