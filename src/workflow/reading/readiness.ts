import type { BindingsFacts } from './bindings-facts.ts';
import type { Problem, Step, WorkflowDocument } from './document.ts';

/** For every step: is it clear who performs it, and who judges it? By id, or by line where there is none. */
export interface Readiness {
  /** Something performs them, and Sluice judges every criterion itself. */
  readonly understood: readonly string[];
  readonly needsBinding: readonly string[];
  /** A person, or an agent that signs by name, has to judge some of their criteria. */
  readonly humanJudged: readonly string[];
}

export function readinessOf(document: WorkflowDocument, { bound }: BindingsFacts): Readiness {
  const understood: string[] = [];
  const needsBinding: string[] = [];
  const humanJudged: string[] = [];
  for (const task of document.tasks) {
    for (const subtask of task.subtasks) {
      const above = [task.id, subtask.id].some((id) => id !== null && bound.has(id));
      for (const step of subtask.steps) {
        const performed = above || (step.id !== null && bound.has(step.id));
        const human = step.criteria.some(({ kind }) => kind === 'human');
        if (!performed) needsBinding.push(nameOf(step));
        if (human) humanJudged.push(nameOf(step));
        if (performed && !human) understood.push(nameOf(step));
      }
    }
  }
  return { understood, needsBinding, humanJudged };
}

/** Problems that a bindings file settles, left out; and those that show only against it. */
export function problemsWith(document: WorkflowDocument, bindings: BindingsFacts): readonly Problem[] {
  const settled = document.problems.filter(
    ({ code, message }) =>
      code !== 'placeholder-host' || !bindings.hosts.has(/"([^"]*)"/.exec(message)?.[1] ?? ''),
  );
  const { agents } = bindings;
  if (agents === null) return settled;
  const unknown = document.tasks.flatMap(({ subtasks }) =>
    subtasks.flatMap((subtask) =>
      [...subtask.agents, ...(subtask.onFailure.to === null ? [] : [subtask.onFailure.to])]
        .filter((handle) => !agents.has(handle))
        .map((handle) => unknownAgent(handle, subtask.line)),
    ),
  );
  const above = document.agents
    .filter((handle) => !agents.has(handle))
    .map((handle) => unknownAgent(handle, 1));
  return [...settled, ...above, ...unknown].sort((one, other) => one.line - other.line);
}

function unknownAgent(handle: string, line: number): Problem {
  return {
    code: 'agent-unknown',
    line,
    message: `${handle} is not in the directory of agents`,
    remedy: 'Add it under `agents:` in the bindings file.',
  };
}

function nameOf({ id, line }: Step): string {
  return id ?? `line ${line}`;
}
