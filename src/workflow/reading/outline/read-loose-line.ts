import { readCriterion } from '../criteria.ts';
import { criterionKind } from '../criterion-kind.ts';
import type { StepDraft } from '../draft.ts';
import type { Item, Text } from '../entry.ts';
import { appendText } from '../fill-field.ts';
import { type Labelled, unwrapped } from '../label.ts';
import { shortened } from '../problem.ts';
import { isToolName } from '../tools.ts';
import type { Place } from './place.ts';

/** A line that is no field and belongs to none. */
export function readLooseLine(place: Place, entry: Item | Text, labelled: Labelled | null): void {
  if (/^[-*_\s]*$/.test(entry.text)) return;
  if (place.step !== null) {
    readLineOfStep(place, place.step, entry, labelled);
    return;
  }
  const owner = place.subtask ?? place.task;
  if (entry.type === 'text' && labelled === null) {
    if (owner?.owner === 'subtask') owner.description ??= entry.text;
    return;
  }
  place.problems.add(
    'line-not-understood',
    entry.line,
    `"${shortened(entry.text)}" is no field of a ${owner?.owner ?? 'document'} that is known here`,
    'Name it like a known field, or move it out of the tasks.',
  );
}

/** A criterion without its heading, a tool without its label, or more of what the step is. */
function readLineOfStep(
  { tools, problems }: Place,
  step: StepDraft,
  { type, text, line }: Item | Text,
  labelled: Labelled | null,
): void {
  if (labelled !== null && criterionKind(labelled.label, labelled.value).understood) {
    step.criteria.push(readCriterion(text, line, problems));
    if (!step.named || step.seen.has('criteria')) return;
    problems.add(
      'criteria-without-heading',
      line,
      `the criterion "${shortened(text)}" stands under no \`Success Criteria\``,
      'Write `Success Criteria:` above it.',
    );
    return;
  }
  const tool = unwrapped(text);
  if (type === 'item' && (tools.includes(tool) || isToolName(tool))) {
    step.tools = [...new Set([...step.tools, tool])];
    step.seen.add('tool');
  } else step.description = appendText(step.description, text);
}
