import type { Problem } from '../reading/document.ts';
import type { Bindings } from './bindings.ts';
import type { PlanSource } from './plan-source.ts';

/**
 * Problems of a document as they are once its bindings and the documents beside it are known: what those settle is left out, and
 * agents that the directory lacks are told.
 */
export function documentProblems(
  { document }: Pick<PlanSource, 'document'>,
  bindings: Pick<Bindings, 'hosts' | 'agents'>,
  beside: readonly Pick<PlanSource, 'document'>[],
): readonly Problem[] {
  const elsewhere = new Set(beside.flatMap(idsOf));
  const left = document.problems.filter(
    (problem) => !settledByHost(problem, bindings) && !settledByDocument(problem, elsewhere),
  );
  const unknown = [
    ...document.agents.map((handle) => ({ handle, line: 1 })),
    ...document.tasks.flatMap(({ subtasks }) =>
      subtasks.flatMap(({ agents, onFailure: { to }, line }) =>
        [...agents, ...(to === null ? [] : [to])].map((handle) => ({ handle, line })),
      ),
    ),
  ].filter(({ handle }) => bindings.agents !== null && !bindings.agents.has(handle));
  return [...left, ...unknown.map(unknownAgent)].sort((one, other) => one.line - other.line);
}

function settledByHost({ code, message }: Problem, { hosts }: Pick<Bindings, 'hosts'>): boolean {
  if (code !== 'placeholder-host') return false;
  const host = /"([^"]*)"/.exec(message)?.[1] ?? '';
  return hosts.has(host) || hosts.has(host.replace(/^[<${[]+|[>}\]]+$/g, ''));
}

/** `the prerequisite P01-T01 is nowhere in this document`, but in one that is read with it. */
function settledByDocument({ code, message }: Problem, elsewhere: ReadonlySet<string>): boolean {
  if (code !== 'prerequisite-unknown' && code !== 'next-subtask-unknown') return false;
  return message
    .split(/[\s,]+/)
    .slice(-7)
    .some((word) => elsewhere.has(word));
}

function idsOf({ document: { tasks, metadata } }: Pick<PlanSource, 'document'>): readonly string[] {
  const own = [metadata.task_id, metadata.TaskID].filter((id) => typeof id === 'string');
  const within = tasks.flatMap((task) => [
    task.id,
    ...task.subtasks.flatMap((subtask) => [subtask.id, ...subtask.steps.map(({ id }) => id)]),
  ]);
  return [...own, ...within.filter((id) => id !== null)];
}

function unknownAgent({ handle, line }: { readonly handle: string; readonly line: number }): Problem {
  return {
    code: 'agent-unknown',
    line,
    message: `${handle} is not in the directory of agents`,
    remedy: 'Add it under `agents:` in the bindings file.',
  };
}
