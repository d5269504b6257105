import type { Item, Text } from '../entry.ts';
import { appendText, fillField } from '../fill-field.ts';
import type { Place } from './place.ts';
import { setCommand } from './step-command.ts';

/** Puts a line into the field that is open; a point of a list of steps is a step. */
export function readContent(place: Place, { type, text, line, column }: Item | Text): void {
  const { open, step } = place;
  if (open === null) return;
  open.content ??= column;
  if (open.field !== 'steps') {
    const given = { value: text, line, nested: column > open.content, inline: false };
    fillField(open.owner, open.field, given, place.problems);
  } else if (type === 'text' && step !== null) {
    step.description = appendText(step.description, text);
  } else setCommand(place, place.startStep({ line, column, named: false }), text);
}
