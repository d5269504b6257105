import type { Prerequisite, Step, Subtask, Task } from './document.ts';
import { noPolicy } from './failure-policy.ts';
import type { Field } from './field-names.ts';

type Open<T> = { -readonly [Key in keyof T]: T[Key] extends readonly (infer One)[] ? One[] : T[Key] };

/** A step, subtask or task while its lines come in. */
export interface StepDraft extends Open<Step> {
  readonly owner: 'step';
  readonly prerequisites: Prerequisite[];
  readonly column: number;
  /** Begun by `Step ID` rather than by its place in a list. */
  readonly named: boolean;
  /** Of the heading that begins it; null where none does. */
  level: number | null;
  /** Its command is what its heading or its point of a list says; a `Command` below says it better. */
  titled: boolean;
  readonly seen: Set<Field>;
}

export interface SubtaskDraft extends Omit<Open<Subtask>, 'steps'> {
  readonly owner: 'subtask';
  readonly level: number;
  readonly seen: Set<Field>;
  readonly steps: StepDraft[];
}

export interface TaskDraft extends Omit<Open<Task>, 'subtasks'> {
  readonly owner: 'task';
  readonly level: number;
  readonly seen: Set<Field>;
  readonly subtasks: SubtaskDraft[];
}

export function newStep(line: number, column: number, named: boolean): StepDraft {
  return {
    owner: 'step',
    id: null,
    command: null,
    description: null,
    tools: [],
    criteria: [],
    prerequisites: [],
    line,
    column,
    named,
    level: null,
    titled: false,
    seen: new Set(),
  };
}

export function newSubtask(line: number, level: number): SubtaskDraft {
  return {
    owner: 'subtask',
    id: null,
    title: null,
    description: null,
    agents: [],
    capabilities: [],
    prerequisites: [],
    links: [],
    maxRetries: null,
    onFailure: noPolicy,
    criteria: [],
    finalCriteria: [],
    next: null,
    steps: [],
    line,
    level,
    seen: new Set(),
  };
}

export function newTask(line: number, level: number): TaskDraft {
  return {
    owner: 'task',
    id: null,
    title: null,
    prerequisites: [],
    subtasks: [],
    line,
    level,
    seen: new Set(),
  };
}

export function finishTask({ owner, level, seen, subtasks, ...task }: TaskDraft): Task {
  return { ...task, subtasks: subtasks.map(finishSubtask) };
}

function finishSubtask({ owner, level, seen, steps, ...subtask }: SubtaskDraft): Subtask {
  return {
    ...subtask,
    prerequisites: [...subtask.prerequisites, ...neededBySteps(steps, subtask.prerequisites)],
    steps: steps.map(({ owner, column, named, level, titled, seen, prerequisites, ...step }) => step),
  };
}

/** Steps of a subtask follow each other; what else one of them needs is needed by its subtask. */
function neededBySteps(
  steps: readonly StepDraft[],
  already: readonly Prerequisite[],
): readonly Prerequisite[] {
  const known = new Set([...steps, ...already].map(({ id }) => id).filter((id) => id !== null));
  const more: Prerequisite[] = [];
  for (const one of steps.flatMap(({ prerequisites }) => prerequisites)) {
    if (one.id !== null && known.has(one.id)) continue;
    if (one.id !== null) known.add(one.id);
    more.push(one);
  }
  return more;
}
