import { unmarked } from './label.ts';

export interface PlanHeading {
  readonly kind: 'phase' | 'task' | 'subtask' | 'step';
  /** An id that the heading itself gives; a mere number is none. */
  readonly id: string | null;
  readonly title: string | null;
}

const part = String.raw`[A-Za-z]{0,12}\d[A-Za-z\d]*`;
const number = String.raw`${part}(?:[-._/]${part})*|[A-Z](?=\s*(?:[:：.)—–]|-\s|$))|one|two|three|four|five|six|seven|eight|nine|ten`;
const keyword = new RegExp(
  String.raw`^(sub[\s_-]?task|task|phase|step)s?(?!\p{L})(?:[\s_-]+(?:id|no|nr|number)(?!\p{L}))?[\s_#.:：№-]*[(\[]?\s*(${number})(?![A-Za-z\d])\s*[)\]]?(.*)$`,
  'isu',
);
const titled = /^(sub[\s_-]?task)\s*[:：—–-]\s*(?=\S)(.*)$/isu;
/** The level says what the word is where no number does. */
const levelled =
  /^(sub[\s_-]?task|task|phase|step)s?\s*(?=[([](?:Operational|Tactical|Strategic|Execution)(?: Level)?[)\]])(.*)$/isu;
const bareId =
  /^[([]?((?:P\d+[-._])?T\d+(?:[-._][A-Z]?\d+)*|P\d+(?:[-._][A-Z]\d+)+(?:[-._]\d+)?|S\d{1,3}(?=\s*(?:[:：—–]|-\s)))(?![A-Za-z\d])[\])]?(.*)$/s;

/** `### 🚀 **Subtask-01** (Operational Level) — Title:` and its many kin; null for any other heading. */
export function planHeading(text: string): PlanHeading | null {
  const clean = unmarked(text.slice(0, 500))
    .replace(/^(?:[^\p{L}\p{N}[(]|\[[ xX]?\])+/u, '')
    .replace(/^(?:TODO|DONE|WIP)\s*[:：-]\s*/i, '')
    .replace(/^(?:\d+(?:\.\d+)*[.)]|\d+(?:\.\d+)+)\s+(?=\p{L})/u, '')
    .replace(/^(?:[^\p{L}\p{N}[(])+/u, '');
  const named = keyword.exec(clean);
  if (named !== null) {
    const [, word = '', number = '', rest = ''] = named;
    return { kind: kindOf(word), ...idAndTitle(composite(number) ? number : null, rest) };
  }
  const level = levelled.exec(clean);
  if (level !== null) return { kind: kindOf(level[1] ?? ''), ...idAndTitle(null, level[2] ?? '') };
  const plain = titled.exec(clean);
  if (plain !== null) return { kind: 'subtask', ...idAndTitle(null, plain[2] ?? '') };
  const bare = bareId.exec(clean);
  if (bare === null) return null;
  const [, id = ''] = bare;
  const last = id.split(/[-._]/).at(-1) ?? '';
  // `T01` and `S01` alone may be the name of anything; the sign after them makes them a heading of the plan.
  if (!/[-._]/.test(id) && !/^\s*(?:[:：—–]|-\s)/u.test(bare[2] ?? '')) return null;
  const kind = /^S/.test(last) ? 'subtask' : /^T/.test(last) ? 'task' : /[-._]S\d/.test(id) ? 'step' : null;
  return kind === null ? null : { kind, ...idAndTitle(id, bare[2] ?? '') };
}

function kindOf(word: string): PlanHeading['kind'] {
  return /^sub/i.test(word) ? 'subtask' : (word.toLowerCase() as 'task' | 'phase' | 'step');
}

/** `01` is a number, `1.2` and `P05-T01` are ids. */
function composite(number: string): boolean {
  return /\d/.test(number) && (/[.\-_]/.test(number) || /^[A-Za-z]+\d/.test(number)) && !number.includes('/');
}

function idAndTitle(
  id: string | null,
  rest: string,
): { readonly id: string | null; readonly title: string | null } {
  let text = rest;
  let found = id;
  for (;;) {
    const level = /^\s*[([](?:(?:Operational|Tactical|Strategic|Execution)(?: Level)?|Level \d+)[)\]]/i.exec(
      text,
    );
    const named =
      /^\s*[[(]\s*(?:ID\s*[:：]\s*)?([A-Z]+\d+(?:[-.][A-Z\d]+)+|[A-Z][A-Z\d]*(?:-[TSP]\d+)+)\s*[\])]/i.exec(
        text,
      );
    const lead = /^[\s:：—–.|>→)\]_-]+/u.exec(text);
    const part = level ?? named ?? lead;
    if (part === null) break;
    if (part === named) found ??= named[1] ?? null;
    text = text.slice(part[0].length);
  }
  const title = text.replace(/[\s:：]+$/u, '').trim();
  const atEnd =
    /^(.*\S)\s*[[(](?:ID\s*[:：]\s*)?([A-Z]\d+(?:[-.][A-Z]?\d+)+|[A-Z][A-Z\d]*(?:-[TSP]\d+)+)[\])]$/.exec(
      title,
    );
  if (atEnd !== null && found === null) return { id: atEnd[2] ?? null, title: atEnd[1] ?? null };
  return { id: found, title: title === '' ? null : title };
}
