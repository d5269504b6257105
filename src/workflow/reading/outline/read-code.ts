import type { Code } from '../entry.ts';
import { fillField, isList } from '../fill-field.ts';
import type { Place } from './place.ts';

/** A block of code is the content of the field above it. */
export function readCode({ aside, sections, open, problems }: Place, code: Code): void {
  if (aside) sections.at(-1)?.entries.push(code);
  else if (open !== null && open.field !== 'steps' && !isList(open.field)) {
    const given = { value: code.text.trim(), line: code.line, nested: false, inline: false };
    fillField(open.owner, open.field, given, problems);
  } else {
    problems.add(
      'code-not-understood',
      code.line,
      'a block of code stands in the tasks and belongs to no field',
      'Put it below the field that it belongs to.',
    );
  }
}
