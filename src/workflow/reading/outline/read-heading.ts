import type { Heading } from '../entry.ts';
import { fieldOf } from '../field-names.ts';
import { splitLabel, unmarked } from '../label.ts';
import { type PlanHeading, planHeading } from '../plan-heading.ts';
import { shortened } from '../problem.ts';
import { listed, type SectionName, sectionName } from '../section.ts';
import { beginField } from './begin-field.ts';
import { beginPart } from './begin-part.ts';
import type { Place } from './place.ts';

/** A part of the plan, a field of a subtask, or else a section of the document. */
export function readHeading(place: Place, { text, line, level }: Heading): void {
  const plan = planHeading(text) ?? taskByTitle(text) ?? subtaskByPlace(place, text, level);
  if (plan !== null && beginPart(place, plan, line, level)) return;
  const labelled = splitLabel(text);
  const field = fieldOf(labelled?.label ?? text);
  const above = place.subtask?.level ?? place.task?.level;
  const inside = !place.aside && above !== undefined && level > above;
  const steps = !place.aside && field === 'steps';
  if ((inside || steps) && field !== null && place.subtask !== null) {
    // `#### Success Criteria` stands in the step only where it stands below the heading of the step.
    if (place.step !== null && level <= (place.step.level ?? 6)) place.step = null;
    beginField(place, field, { value: labelled?.value ?? '', line, column: -1 });
  } else if (inside && field === null && place.subtask !== null) {
    place.leaveStep();
    place.problems.add(
      'heading-not-understood',
      line,
      `"${shortened(text)}" stands within a subtask and is none of its parts`,
      'Name it like a field of a subtask, or move it out of the tasks.',
    );
  } else place.startSection(text, line, sectionBelow(place, text, level));
}

/** A heading within a list of the document (`### Optional` below `## Output Artifacts`) goes on with that list. */
function sectionBelow(place: Place, text: string, level: number): SectionName {
  const own = sectionName(text);
  if (place.list !== null && (!place.aside || level <= place.list.level)) place.list = null;
  if (own === 'other') return place.list?.name ?? own;
  place.list = listed.has(own) && own !== 'metadata' ? { name: own, level } : null;
  return own;
}

/** `#### Task: Prepare` is a task in a heading; in a list it may be a label. */
function taskByTitle(text: string): PlanHeading | null {
  const title = /^[^\p{L}\p{N}]*task\s*[:：]\s*(\S.*)$/iu.exec(unmarked(text))?.[1];
  return title === undefined ? null : { kind: 'task', id: null, title };
}

/** Headings right below `## Subtasks` are subtasks, whatever they say. */
function subtaskByPlace(place: Place, text: string, level: number): PlanHeading | null {
  const name = sectionName(text);
  if (place.listing !== null && level <= place.listing) place.listing = null;
  if (name === 'subtasks') {
    place.listing = level;
    return null;
  }
  const isSubtask =
    place.listing !== null &&
    level === place.listing + 1 &&
    (name === 'other' || (name === 'collect' && /^\d/.test(text))) &&
    fieldOf(text) === null;
  if (!isSubtask) return null;
  const numbered = /^(\d+(?:\.\d+)+)[.)]?\s+(.*)$/.exec(text);
  const title = numbered?.[2] ?? text.replace(/^\d+[.)]\s+/, '');
  return { kind: 'subtask', id: numbered?.[1] ?? null, title: unmarked(title) };
}
