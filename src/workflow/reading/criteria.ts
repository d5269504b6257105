import { criterionKind } from './criterion-kind.ts';
import type { Criterion } from './document.ts';
import { fieldOf } from './field-names.ts';
import { splitLabel, unmarked, unwrapped } from './label.ts';
import { type Problems, shortened } from './problem.ts';

/** One criterion from one line of a document. */
export function readCriterion(printed: string, line: number, problems: Problems): Criterion {
  // `Exit Code: 0` may stand in one code span as a whole.
  const inner = splitLabel(unwrapped(printed));
  const known =
    inner !== null &&
    criterionKind(inner.label, inner.value).understood &&
    inner.label.split(/\s+/).length <= 6;
  const split = known ? inner : splitLabel(printed);
  const labelled = split !== null && (split.bold || isLabel(split.label, split.value)) ? split : null;
  return criterionOf(labelled?.label ?? '', labelled?.value ?? printed, { line, problems });
}

export function criterionOf(
  label: string,
  value: string,
  { line, problems }: { readonly line: number; readonly problems: Problems },
): Criterion {
  const text = unwrapped(value);
  const { kind, understood } = criterionKind(label, text);
  if (!understood) {
    problems.add(
      'criterion-not-understood',
      line,
      `"${shortened(`${label}: ${text}`)}" is no kind of check that is known here; a person has to judge it`,
      'Write it with a known label, such as `File Exists`, `File Content Matches`, `Exit Code` or `HTTP Response`.',
    );
  }
  return { label: unmarked(label), kind, text, line };
}

/** Prose may hold a colon; a label is a few words that begin with a capital, or a known kind of check. */
function isLabel(label: string, value: string): boolean {
  if (fieldOf(label) === 'criteria' || criterionKind(label, value).understood)
    return label.split(/\s+/).length <= 6;
  return label.split(/\s+/).length <= 4 && /^[\p{Lu}\d]/u.test(label) && label.length <= 40;
}

/** `Success: "Done", report.md exists, content matches a/b` in parts; commas within quotes and code stay. */
export function successParts(text: string): readonly string[] {
  const parts: string[] = [];
  let part = '';
  let quote: string | null = null;
  let depth = 0;
  for (const character of text) {
    if (quote !== null) {
      if (character === quote) quote = null;
    } else if (character in closing) quote = closing[character as keyof typeof closing];
    else if ('([{'.includes(character)) depth += 1;
    else if (')]}'.includes(character)) depth = Math.max(0, depth - 1);
    else if ((character === ',' || character === ';') && depth === 0) {
      parts.push(part);
      part = '';
      continue;
    }
    part += character;
  }
  return [...parts, part].map((one) => one.trim()).filter((one) => one !== '');
}

const closing = { '"': '"', '`': '`', '“': '”', '„': '“', '«': '»', '»': '«' } as const;
