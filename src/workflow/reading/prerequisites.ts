import type { Prerequisite } from './document.ts';
import { unmarked } from './label.ts';

/** An id of a task, subtask or step: parts of letters and digits joined by dots, dashes or underscores. */
const idPattern =
  /\b(?:[A-Z]+(?:-[A-Z]+)*-[A-Z]+\d+(?:[-._][A-Za-z]*\d+\w*)*|[A-Za-z]+\d+\w*(?:[-._][A-Za-z]*\d*\w*)*|[A-Z][A-Z\d]*(?:-[A-Z\d]+)*-\d+\w*|\d+(?:\.\d+)+)\b/g;

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
    const ids = idsIn(bare);
    if (ids.length === 0) return part === '' ? [] : [{ id: null, condition, text: part, line }];
    return ids.map((id) => ({ id, condition, text: part, line }));
  });
}

/** Each once; `P01-T01 through P01-T04` are four. */
function idsIn(text: string): readonly string[] {
  const ids: string[] = [];
  let end = 0;
  for (const match of text.matchAll(idPattern)) {
    const id = match[0].replace(/[-._]+$/, '');
    const between = text.slice(end, match.index).trim();
    const last = ids.at(-1);
    if (last !== undefined && /^(?:through|thru|to|until|bis|–|—|\.{2,3}|…)$/i.test(between))
      ids.push(...idsBetween(last, id));
    if (/\d/.test(id)) ids.push(id);
    end = match.index + match[0].length;
  }
  return [...new Set(ids)];
}

/** Those that only the last number tells apart; none where more does. */
function idsBetween(from: string, to: string): readonly string[] {
  const [, head = '', first = ''] = /^(.*?)(\d+)$/.exec(from) ?? [];
  const [, tail = '', last = ''] = /^(.*?)(\d+)$/.exec(to) ?? [];
  const count = Number(last) - Number(first) - 1;
  if (head !== tail || first === '' || count < 1 || count > 200) return [];
  return Array.from(
    { length: count },
    (_, index) => `${head}${String(Number(first) + index + 1).padStart(first.length, '0')}`,
  );
}

/** `None`, `N/A`, `-`, `none.`, `No prerequisites`. */
export function saysNone(text: string): boolean {
  return /^(?:none|n\/?a|nil|nothing|no|keine|[-–—]|\(none\))?(?:\s*\([^)]*\))?[.]?$|^no (?:prerequisites|dependencies)[.]?$/i.test(
    text.trim(),
  );
}
