import type { Item, Text } from '../entry.ts';
import type { Field } from '../field-names.ts';
import { isList } from '../fill-field.ts';
import type { OpenField, Place } from './place.ts';

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
/** Fields that no step has. */
export const subtaskOnly: ReadonlySet<Field> = new Set([
  'agent',
  'capabilities',
  'max-retries',
  'on-failure',
  'final-criteria',
  'next',
  'steps',
  'id',
]);

/** True for what belongs to the field that is open. */
export function continuesField(place: Place, entry: Item | Text, field: Field | null): boolean {
  const { open } = place;
  if (open === null) return false;
  if (open.field === 'steps') return continuesSteps(place, open, entry, field);
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
  return isList(open.field) && !open.valued && isPointBelow(open, entry, field);
}

function continuesSteps({ step }: Place, open: OpenField, entry: Item | Text, field: Field | null): boolean {
  if (step !== null && entry.column > step.column) return false;
  if (entry.column <= open.column) return isPointBelow(open, entry, field);
  return field === null || !(subtaskOnly.has(field) || (step?.named === true && stepFields.has(field)));
}

/** A point of the list below a field, at the column of the field itself. */
function isPointBelow(open: OpenField, entry: Item | Text, field: Field | null): boolean {
  return (
    entry.type === 'item' &&
    entry.column === open.column &&
    field === null &&
    (open.content === null || open.content === open.column)
  );
}

/** True for the point of the list of steps that follows a step with content of its own. */
export function isNextStep({ steps, step }: Place, entry: Item | Text, field: Field | null): boolean {
  if (steps === null || step === null || entry.type !== 'item' || entry.column > step.column) return false;
  if (field !== null && (subtaskOnly.has(field) || stepFields.has(field))) return false;
  return entry.column > steps.column || (entry.column === steps.column && steps.content === steps.column);
}
