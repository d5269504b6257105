import type { Row } from '../entry.ts';
import { fieldOf } from '../field-names.ts';
import { fillField, isList } from '../fill-field.ts';
import { shortened } from '../problem.ts';
import { listed } from '../section.ts';
import { stepFromRow } from '../step-row.ts';
import { beginField } from './begin-field.ts';
import type { Place } from './place.ts';

/** A row of a table of steps, of one that has a field in each row, or of one in a section. */
export function readRow(place: Place, row: Row): void {
  const section = place.sections.at(-1)?.name ?? 'other';
  if (isOfSteps(row) && (place.subtask !== null || (place.aside && !listed.has(section)))) {
    const step = place.startStep({ line: row.line, column: row.column, named: true });
    stepFromRow(step, row, place.problems);
    place.step = null;
  } else if (place.aside) place.sections.at(-1)?.entries.push(row);
  else readFieldRow(place, row);
}

function isOfSteps({ header }: Row): boolean {
  const columns = header.map((cell) => fieldOf(cell));
  // `| Gate | Threshold | Action |` is no table of steps, although an action is what a step does.
  const told = columns.includes('tool') || columns.includes('criteria');
  return columns.includes('step-id') || (columns.includes('command') && told);
}

function readFieldRow(place: Place, { cells, line, column }: Row): void {
  const { open, problems } = place;
  const [name = '', ...rest] = cells;
  const field = fieldOf(name);
  if (field !== null && rest.length > 0) {
    beginField(place, field, { value: rest.join(' ').trim(), line, column });
  } else if (open !== null && isList(open.field)) {
    const given = { value: cells.join(': '), line, nested: false, inline: false };
    fillField(open.owner, open.field, given, problems);
  } else {
    problems.add(
      'row-not-understood',
      line,
      `the row "${shortened(cells.join(' | '))}" belongs to nothing that is known here`,
      'Name the columns `Step ID`, `Command`, `Tool`, `Success Criteria`.',
    );
  }
}
