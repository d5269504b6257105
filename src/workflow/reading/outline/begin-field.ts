import type { StepDraft, SubtaskDraft } from '../draft.ts';
import type { Field } from '../field-names.ts';
import { type FieldOwner, fillField } from '../fill-field.ts';
import { saysNone } from '../prerequisites.ts';
import type { Place } from './place.ts';
import { setCommand } from './step-command.ts';

/** Begins a field with what stands on its own line; the lines that follow may go on with it. */
export function beginField(
  place: Place,
  field: Field,
  { value, line, column }: { readonly value: string; readonly line: number; readonly column: number },
): void {
  const owner = ownerOf(place, field, line, column);
  if (owner === null) return;
  owner.seen.add(field);
  const parts = field === 'criteria' && owner.owner === 'step';
  if (value !== '') {
    fillField(owner, field, { value, line, nested: false, inline: true, parts }, place.problems);
  }
  place.open = { field, owner, column, valued: value !== '', content: null };
  if (owner.owner === 'subtask') place.steps = field === 'steps' ? place.open : null;
  if (field !== 'steps') return;
  place.step = null;
  if (value !== '' && owner.owner === 'subtask' && !saysNone(value)) {
    setCommand(place, place.startStep({ line, column: column + 1, named: false }), value);
  }
}

/** Who has the field. One that its owner has already begins the next owner, whose own beginning is missing. */
function ownerOf(place: Place, field: Field, line: number, column: number): FieldOwner | null {
  const { task, subtask, step } = place;
  if (step !== null) return ownerAtStep(place, step, { field, line, column });
  if (subtask !== null) return ownerAtSubtask(place, subtask, { field, line, column });
  if (task !== null && taskFields.has(field) && !(field === 'id' && task.seen.has('id'))) return task;
  return place.startSubtask(line, (task?.level ?? 0) + 1);
}

const taskFields: ReadonlySet<Field> = new Set([
  'id',
  'prerequisites',
  'title',
  'status',
  'description',
  'note',
]);

interface FieldPlace {
  readonly field: Field;
  readonly line: number;
  readonly column: number;
}

function ownerAtStep(place: Place, step: StepDraft, { field, line, column }: FieldPlace): FieldOwner | null {
  if (field === 'command' && step.titled) {
    const { command, description } = step;
    return Object.assign(step, {
      command: null,
      description: description ?? (command || null),
      titled: false,
    });
  }
  const isOuter = field === 'criteria' && step.seen.has('criteria') && column <= step.column;
  if (isOuter) return place.subtask;
  if (field !== 'command' || !step.seen.has('command')) return step;
  place.problems.add(
    'step-without-id',
    line,
    'a second command stands in one step; it was read as a step of its own without an id',
    'Write its `Step ID` before it.',
  );
  return place.startStep({ line, column: step.column, named: true });
}

function ownerAtSubtask(
  place: Place,
  subtask: SubtaskDraft,
  { field, line, column }: FieldPlace,
): FieldOwner {
  if (field === 'command') {
    place.problems.add(
      'step-without-id',
      line,
      'a command stands here without a step; it was read as a step without an id',
      'Write its `Step ID` before it.',
    );
    return place.startStep({ line, column: Math.max(0, column - 1), named: true });
  }
  if (field !== 'id' || !subtask.seen.has('id')) return subtask;
  place.problems.add(
    'subtask-without-heading',
    line,
    'a second id stands in one subtask; it was read as a subtask of its own',
    'Write its heading before it.',
  );
  return place.startSubtask(line, subtask.level);
}
