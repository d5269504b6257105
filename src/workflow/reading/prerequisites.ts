import type { Prerequisite } from './document.ts';
import { unmarked } from './label.ts';

/** An id of a task, subtask or step: parts of letters and digits joined by dots, dashes or underscores. */
const idPattern =
  /\b(?:[A-Za-z]+\d+\w*(?:[-._][A-Za-z]*\d*\w*)*|[A-Z][A-Z\d]*(?:-[A-Z\d]+)*-\d+\w*|\d+(?:\.\d+)+)\b/g;

/** `None`, one or several ids that must be `SUCCEEDED` or have started; a sentence without an id stays a sentence. */
export function readPrerequisites(value: string, line: number): readonly Prerequisite[] {
  const text = unmarked(value);
  if (saysNone(text)) return [];
  return text.split(/\s*;\s*/).flatMap((part): readonly Prerequisite[] => {
    const condition = /\b(?:has|have|is|are|must (?:be|have)) (?:been )?started\b/i.test(part)
      ? 'started'
      : 'succeeded';
    // What stands in parentheses explains an id and names no further one.
    const bare = part.replace(/\([^)]*\)/g, ' ');
    const ids = (bare.match(idPattern) ?? []).filter((id) => /\d/.test(id));
    if (ids.length === 0) return part === '' ? [] : [{ id: null, condition, text: part, line }];
    return ids.map((id) => ({ id: id.replace(/[-._]+$/, ''), condition, text: part, line }));
  });
}

/** `None`, `N/A`, `-`, `none.`, `No prerequisites`. */
function saysNone(text: string): boolean {
  return /^(?:none|n\/?a|nil|nothing|no|keine|[-–—]|\(none\))?(?:\s*\([^)]*\))?[.]?$|^no (?:prerequisites|dependencies)[.]?$/i.test(
    text.trim(),
  );
}
