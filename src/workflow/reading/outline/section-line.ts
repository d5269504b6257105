import type { Entry, Item, Text } from '../entry.ts';
import type { Field } from '../field-names.ts';
import { splitLabel } from '../label.ts';
import { planHeading } from '../plan-heading.ts';
import { listed, prompted, sectionName } from '../section.ts';
import { emphasised } from './emphasised.ts';
import type { Place } from './place.ts';

/** Tasks and steps may stand in lists under a heading that is none of theirs. False for a line of the section. */
export function beginPlan(place: Place, entry: Item | Text, field: Field | null): boolean {
  const section = place.sections.at(-1)?.name;
  if (section === undefined || prompted.has(section) || section === 'metadata') return false;
  if (field === 'step-id') return entry.type === 'item' || /^\S*\d/.test(splitLabel(entry.text)?.value ?? '');
  const plan = emphasised(entry) ? planHeading(entry.text) : null;
  if (plan?.kind === 'task' || plan?.kind === 'subtask') return true;
  if (section === 'steps' && (entry.type === 'item' || plan?.kind === 'step')) {
    const owner = place.subtask ?? place.startSubtask(entry.line, 0);
    place.open = { field: 'steps', owner, column: -1, valued: false, content: null };
    return true;
  }
  return section === 'subtasks' && field === 'id';
}

/** Begins a section by a numbered point of a super-prompt: `3. **Save Output**`. False where the line is none. */
export function beginPoint({ sections }: Place, entry: Item | Text): boolean {
  const section = sections.at(-1)?.name;
  if (section === undefined || listed.has(section)) return false;
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
  sections.push({ name, title: named ? title.label : entry.text, line: entry.line, entries });
  return true;
}
