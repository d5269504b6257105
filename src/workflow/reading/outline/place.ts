import { newStep, newSubtask, newTask, type StepDraft, type SubtaskDraft, type TaskDraft } from '../draft.ts';
import type { Field } from '../field-names.ts';
import type { FieldOwner } from '../fill-field.ts';
import type { Problems } from '../problem.ts';
import { type DocumentSection, type SectionName, sectionName } from '../section.ts';

/** A field whose content stands in the lines that follow. */
export interface OpenField {
  readonly field: Field;
  readonly owner: FieldOwner;
  readonly column: number;
  /** It said something on its own line, so that a neighbour is not its content. */
  readonly valued: boolean;
  /** The column of its first content. */
  content: number | null;
}

/** Where in a document its reader stands, and what was read up to there. */
export class Place {
  readonly tasks: TaskDraft[] = [];
  readonly sections: DocumentSection[] = [{ name: 'other', title: '', line: 1, entries: [] }];
  /** That the document lists. */
  readonly tools: readonly string[];
  readonly problems: Problems;
  task: TaskDraft | null = null;
  subtask: SubtaskDraft | null = null;
  step: StepDraft | null = null;
  open: OpenField | null = null;
  /** The list of steps of the subtask, to go on with after what a step holds. */
  steps: OpenField | null = null;
  /** The level of the heading `Subtasks` that is being read; null beyond it. */
  listing: number | null = null;
  /** The list of the document that is being read, with the level of its heading; null beyond it. */
  list: { readonly name: SectionName; readonly level: number } | null = null;
  /** A section of the document is being read, no task. */
  aside = true;

  constructor(tools: readonly string[], problems: Problems) {
    this.tools = tools;
    this.problems = problems;
  }

  /** Leaves the tasks for a section of the document. */
  startSection(title: string, line: number, name = sectionName(title)): void {
    this.task = null;
    this.subtask = null;
    this.steps = null;
    this.leaveStep();
    this.aside = true;
    this.sections.push({ name, title, line, entries: [] });
  }

  startTask(line: number, level: number): TaskDraft {
    this.aside = false;
    this.leaveStep();
    this.subtask = null;
    this.task = newTask(line, level);
    this.tasks.push(this.task);
    return this.task;
  }

  startSubtask(line: number, level: number): SubtaskDraft {
    this.aside = false;
    this.leaveStep();
    this.steps = null;
    this.task ??= this.#taskWithoutHeading(line);
    this.subtask = newSubtask(line, level);
    this.task.subtasks.push(this.subtask);
    return this.subtask;
  }

  /** Subtasks after a section of their own (`## Subtasks`) belong to no task that came before it. */
  #taskWithoutHeading(line: number): TaskDraft {
    const last = this.tasks.at(-1);
    if (last !== undefined && last.id === null && last.title === null) return last;
    const task = newTask(line, 0);
    this.tasks.push(task);
    return task;
  }

  /** `named`: begun by `Step ID` rather than by its place in a list. */
  startStep({
    line,
    column,
    named,
  }: {
    readonly line: number;
    readonly column: number;
    readonly named: boolean;
  }): StepDraft {
    const subtask = this.subtask ?? this.startSubtask(line, this.task?.level ?? 0);
    if (this.open?.field !== 'steps') this.open = null;
    this.step = newStep(line, column, named);
    subtask.steps.push(this.step);
    return this.step;
  }

  leaveStep(): void {
    this.step = null;
    this.open = null;
  }
}
