import type { Step, Subtask, Task } from './document.ts';
import { noPolicy } from './failure-policy.ts';
import type { Field } from './field-names.ts';

type Open<T> = { -readonly [Key in keyof T]: T[Key] extends readonly (infer One)[] ? One[] : T[Key] };

/** A step, subtask or task while its lines come in. */
export interface StepDraft extends Open<Step> {
  readonly owner: 'step';
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
  return { ...subtask, steps: steps.map(({ owner, column, named, level, titled, seen, ...step }) => step) };
}
