import type { Item, Text } from '../entry.ts';
import { type Field, fieldOf } from '../field-names.ts';
import { isList } from '../fill-field.ts';
import { type Labelled, splitLabel } from '../label.ts';
import { type PlanHeading, planHeading } from '../plan-heading.ts';
import { beginField } from './begin-field.ts';
import { beginPart } from './begin-part.ts';
import { emphasised } from './emphasised.ts';
import { continuesField, isNextStep, subtaskOnly } from './open-field.ts';
import type { Place } from './place.ts';
import { readContent } from './read-content.ts';
import { readLooseLine } from './read-loose-line.ts';
import { beginPlan, beginPoint } from './section-line.ts';
import { setCommand } from './step-command.ts';
import { beginStepById } from './step-id.ts';

/** A line of the plan, or one of the section that stands beside it. */
export function readLine(place: Place, entry: Item | Text): void {
  const labelled = splitLabel(entry.text);
  const field = fieldIn(place, entry, labelled);
  if (!place.aside || beginPlan(place, entry, field)) readPlanLine(place, entry, labelled, field);
  else if (!beginPoint(place, entry)) place.sections.at(-1)?.entries.push(entry);
}

function fieldIn({ aside }: Place, { type, text }: Item | Text, labelled: Labelled | null): Field | null {
  if (labelled !== null) return fieldOf(labelled.label);
  return type === 'item' || !aside ? bareField(text) : null;
}

/** `- Steps` without its colon. */
function bareField(text: string): Field | null {
  const field = text.length <= 60 ? fieldOf(text) : null;
  return field !== null && (isList(field) || field === 'steps') ? field : null;
}

function readPlanLine(
  place: Place,
  entry: Item | Text,
  labelled: Labelled | null,
  field: Field | null,
): void {
  if (field === null && !isInList(place, entry) && emphasised(entry)) {
    const plan = planHeading(entry.text);
    if (plan !== null && beginInline(place, plan, entry)) return;
  }
  if (field === 'step-id') beginStepById(place, entry, labelled?.value ?? '');
  else if (continuesField(place, entry, field)) readContent(place, entry);
  else if (isNextStep(place, entry, field)) {
    place.open = place.steps;
    readContent(place, entry);
  } else readOwnLine(place, entry, labelled, field);
}

function isInList({ open }: Place, { column }: Item | Text): boolean {
  return open !== null && open.field !== 'steps' && isList(open.field) && column > open.column;
}

/** A part of the plan that stands in a list or in bold rather than in a heading. */
function beginInline(place: Place, plan: PlanHeading, { line, column }: Item | Text): boolean {
  const { id, title } = plan;
  if (plan.kind !== 'step') {
    return beginPart(place, plan, line, (place.task?.level ?? 0) + (plan.kind === 'subtask' ? 1 : 0));
  }
  if (place.subtask === null) return false;
  const step = place.startStep({ line, column, named: id !== null });
  step.id = id;
  if (title !== null) setCommand(place, step, title);
  return true;
}

function readOwnLine(place: Place, entry: Item | Text, labelled: Labelled | null, field: Field | null): void {
  if (endsStep(place, entry, field)) place.leaveStep();
  if (field !== null && (labelled !== null || field === 'steps' || isList(field))) {
    beginField(place, field, { value: labelled?.value ?? '', line: entry.line, column: entry.column });
  } else readLooseLine(place, entry, labelled);
}

/** A line further out than the step, or a field that steps do not have, ends it. */
function endsStep({ step }: Place, { column }: Item | Text, field: Field | null): boolean {
  if (step === null) return false;
  const outside = column < step.column || (!step.named && column <= step.column);
  return outside || (field !== null && subtaskOnly.has(field) && !(field === 'id' && column > step.column));
}
