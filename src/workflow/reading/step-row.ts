import type { StepDraft } from './draft.ts';
import type { Row } from './entry.ts';
import { fieldOf } from './field-names.ts';
import { fillField } from './fill-field.ts';
import { unmarked } from './label.ts';
import type { Problems } from './problem.ts';

/** Fills a step from a row of a table whose columns are named like the fields of a step. */
export function stepFromRow(step: StepDraft, row: Row, problems: Problems): void {
  for (const [index, name] of row.header.entries()) {
    const field = fieldOf(name);
    const value = row.cells[index] ?? '';
    if (field === 'step-id' || field === 'id') step.id = unmarked(value) || null;
    else if (field !== null && value !== '') {
      const values = field === 'criteria' ? value.split(/\s*<br\s*\/?>\s*/i) : [value];
      for (const one of values)
        fillField(
          step,
          field,
          { value: one, line: row.line, nested: false, inline: true, parts: true },
          problems,
        );
      step.seen.add(field);
    }
  }
}
