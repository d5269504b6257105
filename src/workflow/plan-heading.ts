import { unmarked } from './label.ts';

export interface PlanHeading {
  readonly kind: 'phase' | 'task' | 'subtask' | 'step';
  /** An id that the heading itself gives; a mere number is none. */
  readonly id: string | null;
  readonly title: string | null;
}

const keyword =
  /^(sub[\s_-]?task|task|phase|step)s?(?:[\s_-]+id\s*[:：]?)?(?:[\s_#.:：№-]*)(?:\(?\s*((?:[A-Za-z]{1,12}[-_.]?)?\d[\w]*(?:[-._/][\w]+)*|[A-Z](?=\s*(?:[:：.)—–]|-\s|$))|one|two|three|four|five|six|seven|eight|nine|ten)\b\)?)(.*)$/isu;
const bareId = /^\(?\[?(P\d+(?:[-.][A-Z]\d+)+)\]?\)?(.*)$/s;

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
    const kind = /^sub/i.test(word) ? 'subtask' : (word.toLowerCase() as 'task' | 'phase' | 'step');
    return { kind, ...idAndTitle(composite(number) ? number : null, rest) };
  }
  const bare = bareId.exec(clean);
  if (bare === null) return null;
  const [, id = '', rest = ''] = bare;
  const last = id.split(/[-.]/).at(-1) ?? '';
  const kind =
    /^S/i.test(last) && /[-.]T\d/i.test(id)
      ? 'subtask'
      : /^T/i.test(last)
        ? 'task'
        : /^\d/.test(last)
          ? 'step'
          : null;
  return kind === null ? null : { kind, ...idAndTitle(id, rest) };
}

/** `01` is a number, `1.2` and `P05-T01` are ids. */
function composite(number: string): boolean {
  return /\d/.test(number) && (/[.\-_/]/.test(number) || /^[A-Za-z]+\d/.test(number));
}

function idAndTitle(
  id: string | null,
  rest: string,
): { readonly id: string | null; readonly title: string | null } {
  let text = rest;
  let found = id;
  for (;;) {
    const level = /^\s*\((?:(?:Operational|Tactical|Strategic|Execution)(?: Level)?|Level \d+)\)/i.exec(text);
    const named = /^\s*[[(]\s*(?:ID\s*[:：]\s*)?([A-Z]+\d+(?:[-.][A-Z\d]+)+)\s*[\])]/i.exec(text);
    const lead = /^[\s:：—–.|>→)\]-]+/u.exec(text);
    const part = level ?? named ?? lead;
    if (part === null) break;
    if (part === named) found ??= named[1] ?? null;
    text = text.slice(part[0].length);
  }
  const title = text.replace(/[\s:：]+$/u, '').trim();
  const atEnd = /^(.*\S)\s*[[(](?:ID\s*[:：]\s*)?([A-Z]\d+(?:[-.][A-Z]?\d+)+)[\])]$/.exec(title);
  if (atEnd !== null && found === null) return { id: atEnd[2] ?? null, title: atEnd[1] ?? null };
  return { id: found, title: title === '' ? null : title };
}
