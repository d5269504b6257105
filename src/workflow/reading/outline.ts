import { readCriterion } from './criteria.ts';
import { criterionKind } from './criterion-kind.ts';
import type { Task } from './document.ts';
import {
  finishTask,
  newStep,
  newSubtask,
  newTask,
  type StepDraft,
  type SubtaskDraft,
  type TaskDraft,
} from './draft.ts';
import type { Code, Entry, Heading, Item, Row, Text } from './entry.ts';
import { type Field, fieldOf } from './field-names.ts';
import { appendText, type FieldOwner, fillField, isList } from './fill-field.ts';
import { type Labelled, splitLabel, unmarked, unwrapped } from './label.ts';
import { type PlanHeading, planHeading } from './plan-heading.ts';
import { saysNone } from './prerequisites.ts';
import type { Problems } from './problem.ts';
import { shortened } from './problem.ts';
import { type DocumentSection, prompted, type SectionName, sectionName } from './section.ts';
import { stepFromRow } from './step-row.ts';
import { isToolName, toolsAtEnd } from './tools.ts';

export interface Outline {
  readonly tasks: readonly Task[];
  readonly sections: readonly DocumentSection[];
}

/** Sorts the entries of a document into tasks, subtasks and steps, and the sections that stand beside them. */
export function readOutline(
  entries: readonly Entry[],
  { tools, problems }: { readonly tools: readonly string[]; readonly problems: Problems },
): Outline {
  const reader = new OutlineReader(tools, problems);
  for (const entry of entries) reader.read(entry);
  return { tasks: reader.tasks.map(finishTask), sections: reader.sections };
}

/** A field whose content stands in the lines that follow. */
interface OpenField {
  readonly field: Field;
  readonly owner: FieldOwner;
  readonly column: number;
  /** It said something on its own line, so that a neighbour is not its content. */
  readonly valued: boolean;
  /** The column of its first content. */
  content: number | null;
}

const stepFields: ReadonlySet<Field> = new Set([
  'command',
  'tool',
  'description',
  'criteria',
  'note',
  'status',
  'links',
  'title',
  'prerequisites',
]);
const subtaskOnly: ReadonlySet<Field> = new Set([
  'agent',
  'capabilities',
  'max-retries',
  'on-failure',
  'final-criteria',
  'next',
  'steps',
  'id',
]);

/** Whose points may begin like those of a super-prompt and are none. */
const listing: ReadonlySet<SectionName> = new Set([
  'metadata',
  'checklist',
  'outputs',
  'documents',
  'tools',
  'criteria',
  'gates',
  'primary-agent',
  'supporting-agents',
]);

class OutlineReader {
  readonly tasks: TaskDraft[] = [];
  readonly sections: DocumentSection[] = [{ name: 'other', title: '', line: 1, entries: [] }];
  readonly #tools: readonly string[];
  readonly #problems: Problems;
  #task: TaskDraft | null = null;
  #subtask: SubtaskDraft | null = null;
  #step: StepDraft | null = null;
  #open: OpenField | null = null;
  /** The list of steps of the subtask, to go on with after what a step holds. */
  #steps: OpenField | null = null;
  /** The level of the heading `Subtasks` that is being read; null beyond it. */
  #listing: number | null = null;
  /** A section of the document is being read, no task. */
  #aside = true;

  constructor(tools: readonly string[], problems: Problems) {
    this.#tools = tools;
    this.#problems = problems;
  }

  read(entry: Entry): void {
    if (entry.type === 'heading') this.#heading(entry);
    else if (entry.type === 'row') this.#row(entry);
    else if (entry.type === 'code') this.#code(entry);
    else this.#line(entry);
  }

  #heading(heading: Heading): void {
    const plan = planHeading(heading.text) ?? this.#positional(heading);
    if (plan !== null && this.#begin(plan, heading.line, heading.level)) return;
    const labelled = splitLabel(heading.text);
    const field = fieldOf(labelled?.label ?? heading.text);
    const level = this.#subtask?.level ?? this.#task?.level;
    const inside = !this.#aside && level !== undefined && heading.level > level;
    const steps = !this.#aside && field === 'steps';
    if ((inside || steps) && field !== null && this.#subtask !== null) {
      // `#### Success Criteria` stands in the step only where it stands below the heading of the step.
      if (this.#step !== null && heading.level <= (this.#step.level ?? 6)) this.#step = null;
      this.#startField(field, { value: labelled?.value ?? '', line: heading.line, column: -1 });
      return;
    }
    if (inside && this.#subtask !== null && field === null && heading.level > level) {
      this.#open = null;
      this.#step = null;
      this.#problems.add(
        'heading-not-understood',
        heading.line,
        `"${shortened(heading.text)}" stands within a subtask and is none of its parts`,
        'Name it like a field of a subtask, or move it out of the tasks.',
      );
      return;
    }
    this.#leave();
    this.sections.push({
      name: sectionName(heading.text),
      title: heading.text,
      line: heading.line,
      entries: [],
    });
  }

  /** Headings right below `## Subtasks` are subtasks, whatever they say. */
  #positional({ text, level }: Heading): PlanHeading | null {
    const name = sectionName(text);
    if (this.#listing !== null && level <= this.#listing) this.#listing = null;
    if (name === 'subtasks') this.#listing = level;
    else if (
      this.#listing !== null &&
      level === this.#listing + 1 &&
      (name === 'other' || (name === 'collect' && /^\d/.test(text))) &&
      fieldOf(text) === null
    ) {
      const [, id = null, title = text] = /^(\d+(?:\.\d+)+)[.)]?\s+(.*)$/.exec(text) ?? [
        null,
        null,
        text.replace(/^\d+[.)]\s+/, ''),
      ];
      return { kind: 'subtask', id, title: unmarked(title) };
    }
    return null;
  }

  #leave(): void {
    this.#steps = null;
    this.#subtask = null;
    this.#step = null;
    this.#open = null;
    this.#task = null;
    this.#aside = true;
  }

  /** False when what looks like a part of the plan is only a heading of its own. */
  #begin(plan: PlanHeading, line: number, level: number): boolean {
    if (plan.kind === 'step') {
      if (this.#subtask === null && this.sections.at(-1)?.name !== 'steps') return false;
      this.#startStep({ line, column: -1, named: plan.id !== null });
      if (this.#step !== null) {
        this.#step.id = plan.id;
        this.#step.level = level;
        this.#step.command = plan.title;
        this.#step.titled = plan.title !== null;
        if (plan.title !== null) this.#step.seen.add('command');
      }
      return true;
    }
    this.#step = null;
    this.#open = null;
    if (plan.kind === 'phase') {
      this.#leave();
      this.sections.push({ name: 'other', title: plan.title ?? '', line, entries: [] });
      return true;
    }
    this.#aside = false;
    if (plan.kind === 'task') {
      this.#task = Object.assign(newTask(line, level), { id: plan.id, title: plan.title });
      this.tasks.push(this.#task);
      this.#subtask = null;
      return true;
    }
    this.#startSubtask(line, level);
    if (this.#subtask !== null) Object.assign(this.#subtask, { id: plan.id, title: plan.title });
    return true;
  }

  #startSubtask(line: number, level: number): SubtaskDraft {
    this.#aside = false;
    this.#step = null;
    this.#open = null;
    this.#steps = null;
    // Subtasks after a section of their own (`## Subtasks`) belong to no task that came before it.
    if (this.#task === null) {
      const last = this.tasks.at(-1);
      this.#task = last !== undefined && last.id === null && last.title === null ? last : newTask(line, 0);
      if (this.#task !== last) this.tasks.push(this.#task);
    }
    this.#subtask = newSubtask(line, level);
    this.#task.subtasks.push(this.#subtask);
    return this.#subtask;
  }

  #startStep({
    line,
    column,
    named,
  }: {
    readonly line: number;
    readonly column: number;
    readonly named: boolean;
  }): StepDraft {
    const subtask = this.#subtask ?? this.#startSubtask(line, this.#task?.level ?? 0);
    const keep = this.#open?.field === 'steps' ? this.#open : null;
    this.#step = newStep(line, column, named);
    this.#open = keep;
    subtask.steps.push(this.#step);
    return this.#step;
  }

  #line(entry: Item | Text): void {
    const section = this.sections.at(-1);
    const labelled = splitLabel(entry.text);
    const field =
      labelled !== null
        ? fieldOf(labelled.label)
        : entry.type === 'item' || !this.#aside
          ? bareField(entry.text)
          : null;
    if (this.#aside) {
      if (
        section !== undefined &&
        !prompted.has(section.name) &&
        section.name !== 'metadata' &&
        this.#startsPlan(entry, field, section)
      ) {
        this.#inPlan(entry, labelled, field);
        return;
      }
      if (section !== undefined && !listing.has(section.name) && this.#startsPoint(entry)) return;
      section?.entries.push(entry);
      return;
    }
    this.#inPlan(entry, labelled, field);
  }

  /** A numbered point of a super-prompt: `3. **Save Output**`. */
  #startsPoint(entry: Item | Text): boolean {
    const title = splitLabel(entry.text);
    const named = title !== null && (title.value === '' || title.bold);
    const name = sectionName(named ? title.label : entry.text);
    if (!prompted.has(name)) return false;
    const set = /^[*_]{2}/.test(entry.text) || title?.value === '';
    if (entry.type === 'text' ? !set && !/^\d/.test(entry.text) : !set && !entry.ordered) {
      // `- Collect the metrics` is a point of any list; `- Self-Check` alone is a title.
      if (entry.type === 'text' || name === 'collect') return false;
    }
    const entries: Entry[] = named && title.value !== '' ? [{ ...entry, text: title.value }] : [];
    this.sections.push({ name, title: named ? title.label : entry.text, line: entry.line, entries });
    return true;
  }

  /** Tasks and steps may stand in lists under a heading that is none of theirs. */
  #startsPlan(entry: Item | Text, field: Field | null, section: DocumentSection): boolean {
    if (field === 'step-id')
      return entry.type === 'item' || /^\S*\d/.test(splitLabel(entry.text)?.value ?? '');
    const plan = emphasised(entry) ? planHeading(entry.text) : null;
    if (plan?.kind === 'task' || plan?.kind === 'subtask') return true;
    if (section.name === 'steps' && (entry.type === 'item' || plan?.kind === 'step')) {
      if (this.#subtask === null) this.#startSubtask(entry.line, 0);
      this.#open =
        this.#subtask === null
          ? null
          : { field: 'steps', owner: this.#subtask, column: -1, valued: false, content: null };
      return true;
    }
    return section.name === 'subtasks' && field === 'id';
  }

  #inPlan(entry: Item | Text, labelled: Labelled | null, field: Field | null): void {
    const inList =
      this.#open !== null &&
      isList(this.#open.field) &&
      entry.column > this.#open.column &&
      this.#open.field !== 'steps';
    if (!inList && emphasised(entry)) {
      const plan = planHeading(entry.text);
      if (plan !== null && field === null && (plan.kind !== 'step' || this.#subtask !== null)) {
        if (plan.kind === 'step') {
          this.#planStep(plan, entry);
          return;
        }
        if (this.#begin(plan, entry.line, (this.#task?.level ?? 0) + (plan.kind === 'subtask' ? 1 : 0)))
          return;
      }
    }
    if (field === 'step-id') this.#stepId(entry, labelled?.value ?? '');
    else if (this.#continues(entry, field)) this.#content(entry);
    else if (this.#nextStep(entry, field)) {
      this.#open = this.#steps;
      this.#content(entry);
    } else this.#ownLine(entry, labelled, field);
  }

  #ownLine(entry: Item | Text, labelled: Labelled | null, field: Field | null): void {
    this.#closeStep(entry, field);
    if (field !== null && (labelled !== null || field === 'steps' || isList(field))) {
      this.#startField(field, { value: labelled?.value ?? '', line: entry.line, column: entry.column });
    } else this.#loose(entry, labelled);
  }

  #planStep(plan: PlanHeading, entry: Item | Text): void {
    const step = this.#startStep({ line: entry.line, column: entry.column, named: plan.id !== null });
    step.id = plan.id;
    if (plan.title !== null) this.#setCommand(step, plan.title);
  }

  #stepId(entry: Item | Text, value: string): void {
    const [id = '', ...rest] = value.replace(/[*`]/g, '').trim().split(/\s+/);
    const step = this.#startStep({ line: entry.line, column: entry.column, named: true });
    step.seen.add('step-id');
    step.id = id.replace(/^[[(<"']+|[\])>"',;:：.]+$/g, '') || null;
    const title = rest.join(' ').replace(/^[\s(—–:-]+|\)$/g, '');
    if (title !== '') step.description = title;
  }

  /** True for what belongs to the field that is open. */
  #continues(entry: Item | Text, field: Field | null): boolean {
    const open = this.#open;
    if (open === null) return false;
    if (open.field === 'steps') {
      if (this.#step !== null && entry.column > this.#step.column) return false;
      if (entry.column > open.column)
        return (
          field === null || !(subtaskOnly.has(field) || (this.#step?.named === true && stepFields.has(field)))
        );
      return (
        entry.type === 'item' &&
        entry.column === open.column &&
        field === null &&
        (open.content === null || open.content === open.column)
      );
    }
    if (open.valued && field === 'note') return false;
    if (entry.column > open.column) {
      // A field may stand deeper than the one before it where somebody indented it wrongly.
      const mine = open.owner.owner === 'step' ? stepFields : subtaskOnly;
      return (
        field === null ||
        open.content !== null ||
        !mine.has(field) ||
        (isList(open.field) && !open.valued && field === 'note')
      );
    }
    if (entry.type === 'text') return false;
    return (
      isList(open.field) &&
      !open.valued &&
      entry.column === open.column &&
      field === null &&
      (open.content === null || open.content === open.column)
    );
  }

  /** True for the point of the list of steps that follows a step with content of its own. */
  #nextStep(entry: Item | Text, field: Field | null): boolean {
    const [steps, step] = [this.#steps, this.#step];
    if (steps === null || step === null || entry.type !== 'item' || entry.column > step.column) return false;
    if (field !== null && (subtaskOnly.has(field) || stepFields.has(field))) return false;
    return entry.column > steps.column || (entry.column === steps.column && steps.content === steps.column);
  }

  #content(entry: Item | Text): void {
    const open = this.#open;
    if (open === null) return;
    open.content ??= entry.column;
    if (open.field !== 'steps') {
      fillField(
        open.owner,
        open.field,
        { value: entry.text, line: entry.line, nested: entry.column > open.content, inline: false },
        this.#problems,
      );
      return;
    }
    if (entry.type === 'text' && this.#step !== null) {
      this.#step.description = appendText(this.#step.description, entry.text);
      return;
    }
    const step = this.#startStep({ line: entry.line, column: entry.column, named: false });
    this.#setCommand(step, entry.text);
  }

  #setCommand(step: StepDraft, text: string): void {
    const success =
      /^(.*\S)\s*[([](Success(?: Criteri(?:a|on))?)\s*[:：]\s*(.+)[)\]]\s*\.?$/is.exec(text) ??
      /^(.*\S)\s+[—–|-]\s+(?:\*\*)?(Success(?: Criteri(?:a|on))?)(?:\*\*)?\s*[:：](?:\*\*)?\s+(.+)$/is.exec(
        text,
      );
    const { text: command, tools } = toolsAtEnd(success?.[1] ?? text, this.#tools);
    const labelled = splitLabel(command);
    const plain =
      labelled?.bold && fieldOf(labelled.label) === null && labelled.value !== ''
        ? `${labelled.label}: ${labelled.value}`
        : command;
    step.command = unwrapped(
      labelled !== null && fieldOf(labelled.label) === 'command' ? labelled.value : plain,
    );
    step.tools = [...new Set([...step.tools, ...tools])];
    step.seen.add('command');
    step.titled = labelled === null || fieldOf(labelled.label) !== 'command';
    if (tools.length > 0) step.seen.add('tool');
    if (success !== null) {
      step.seen.add('criteria');
      fillField(
        step,
        'criteria',
        { value: success[3] ?? '', line: step.line, nested: false, inline: true, parts: true },
        this.#problems,
      );
    }
  }

  /** A line further out than the step, or a field that steps do not have, ends it. */
  #closeStep(entry: Item | Text, field: Field | null): void {
    const step = this.#step;
    if (step === null) return;
    const outside = entry.column < step.column || (!step.named && entry.column <= step.column);
    const foreign =
      field !== null && subtaskOnly.has(field) && !(field === 'id' && entry.column > step.column);
    if (outside || foreign) {
      this.#step = null;
      this.#open = null;
    }
  }

  #startField(
    field: Field,
    { value, line, column }: { readonly value: string; readonly line: number; readonly column: number },
  ): void {
    const owner = this.#ownerOf(field, line, column);
    if (owner === null) return;
    owner.seen.add(field);
    const parts = field === 'criteria' && owner.owner === 'step';
    if (value !== '')
      fillField(owner, field, { value, line, nested: false, inline: true, parts }, this.#problems);
    this.#open = { field, owner, column, valued: value !== '', content: null };
    if (owner.owner === 'subtask') this.#steps = field === 'steps' ? this.#open : null;
    if (field === 'steps') {
      this.#step = null;
      if (value !== '' && owner.owner === 'subtask' && !saysNone(value))
        this.#setCommand(this.#startStep({ line, column: column + 1, named: false }), value);
    }
  }

  /** Who has the field. One that its owner has already begins the next owner, whose own beginning is missing. */
  #ownerOf(field: Field, line: number, column: number): FieldOwner | null {
    if (this.#step !== null) {
      if (field === 'command' && this.#step.titled) {
        const { command, description } = this.#step;
        Object.assign(this.#step, { command: null, description: description ?? command, titled: false });
        return this.#step;
      }
      if (field !== 'command' || !this.#step.seen.has('command')) {
        if (field === 'criteria' && this.#step.seen.has('criteria') && column <= this.#step.column)
          return this.#subtask;
        return this.#step;
      }
      this.#problems.add(
        'step-without-id',
        line,
        'a second command stands in one step; it was read as a step of its own without an id',
        'Write its `Step ID` before it.',
      );
      return this.#startStep({ line, column: this.#step.column, named: true });
    }
    if (this.#subtask !== null) {
      if (field === 'command') {
        this.#problems.add(
          'step-without-id',
          line,
          'a command stands here without a step; it was read as a step without an id',
          'Write its `Step ID` before it.',
        );
        return this.#startStep({ line, column: Math.max(0, column - 1), named: true });
      }
      if (field === 'id' && this.#subtask.seen.has('id')) {
        this.#problems.add(
          'subtask-without-heading',
          line,
          'a second id stands in one subtask; it was read as a subtask of its own',
          'Write its heading before it.',
        );
        return this.#startSubtask(line, this.#subtask.level);
      }
      return this.#subtask;
    }
    if (
      this.#task !== null &&
      (field === 'id' ||
        field === 'prerequisites' ||
        field === 'title' ||
        field === 'status' ||
        field === 'description' ||
        field === 'note')
    ) {
      if (field !== 'id' || !this.#task.seen.has('id')) return this.#task;
    }
    return this.#startSubtask(line, (this.#task?.level ?? 0) + 1);
  }

  /** A line that is no field and belongs to none. */
  #loose(entry: Item | Text, labelled: Labelled | null): void {
    if (/^[-*_\s]*$/.test(entry.text)) return;
    const step = this.#step;
    if (step !== null) {
      if (labelled !== null && criterionKind(labelled.label, labelled.value).understood) {
        step.criteria.push(readCriterion(entry.text, entry.line, this.#problems));
        if (step.named && !step.seen.has('criteria'))
          this.#problems.add(
            'criteria-without-heading',
            entry.line,
            `the criterion "${shortened(entry.text)}" stands under no \`Success Criteria\``,
            'Write `Success Criteria:` above it.',
          );
        return;
      }
      const tool = unwrapped(entry.text);
      if (entry.type === 'item' && (this.#tools.includes(tool) || isToolName(tool))) {
        step.tools = [...new Set([...step.tools, tool])];
        step.seen.add('tool');
      } else step.description = appendText(step.description, entry.text);
      return;
    }
    const owner = this.#subtask ?? this.#task;
    if (
      entry.type === 'text' &&
      labelled === null &&
      owner?.owner === 'subtask' &&
      owner.description === null
    ) {
      owner.description = entry.text;
      return;
    }
    if (entry.type === 'text' && labelled === null) return;
    this.#problems.add(
      'line-not-understood',
      entry.line,
      `"${shortened(entry.text)}" is no field of a ${owner?.owner ?? 'document'} that is known here`,
      'Name it like a known field, or move it out of the tasks.',
    );
  }

  #code(entry: Code): void {
    if (this.#aside) {
      this.sections.at(-1)?.entries.push(entry);
      return;
    }
    const open = this.#open;
    if (open !== null && open.field !== 'steps' && !isList(open.field)) {
      fillField(
        open.owner,
        open.field,
        { value: entry.text.trim(), line: entry.line, nested: false, inline: false },
        this.#problems,
      );
      return;
    }
    this.#problems.add(
      'code-not-understood',
      entry.line,
      'a block of code stands in the tasks and belongs to no field',
      'Put it below the field that it belongs to.',
    );
  }

  #row(row: Row): void {
    const columns = row.header.map((cell) => fieldOf(cell));
    const steps = columns.includes('step-id') || (columns.includes('command') && columns.length > 2);
    if (steps && (this.#subtask !== null || this.#aside)) {
      const step = this.#startStep({ line: row.line, column: row.column, named: true });
      stepFromRow(step, row, this.#problems);
      this.#step = null;
      return;
    }
    if (this.#aside) {
      this.sections.at(-1)?.entries.push(row);
      return;
    }
    const [name = '', ...rest] = row.cells;
    const field = fieldOf(name);
    if (field !== null && rest.length > 0)
      this.#startField(field, { value: rest.join(' ').trim(), line: row.line, column: row.column });
    else if (this.#open !== null && isList(this.#open.field))
      fillField(
        this.#open.owner,
        this.#open.field,
        { value: row.cells.join(': '), line: row.line, nested: false, inline: false },
        this.#problems,
      );
    else
      this.#problems.add(
        'row-not-understood',
        row.line,
        `the row "${shortened(row.cells.join(' | '))}" belongs to nothing that is known here`,
        'Name the columns `Step ID`, `Command`, `Tool`, `Success Criteria`.',
      );
  }
}

/** `- Steps` without its colon. */
function bareField(text: string): Field | null {
  const field = text.length <= 60 ? fieldOf(text) : null;
  return field !== null && (isList(field) || field === 'steps') ? field : null;
}

/** Bold, a heading's words with a colon, or a list item: prose that mentions a subtask is none. */
function emphasised(entry: Item | Text): boolean {
  if (/\b(?:must be|has started|is)\b/i.test(entry.text.slice(0, 200))) return false;
  return (
    /^(?:[^\p{L}\p{N}]*)(?:\*\*|__)/u.test(entry.text) ||
    /^(?:\[|\(|`){1,2}[A-Z]\d+(?:[-._][A-Z]?\d+)+(?:\]|\)|`){1,2}/.test(entry.text) ||
    /^[^\n]{0,40}\d[\w.-]*\s*(?:\([^)]*\)\s*)?[:：—–-]\s/.test(entry.text)
  );
}
