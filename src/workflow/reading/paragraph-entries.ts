import { columnOf } from './column-of.ts';
import type { Entry } from './entry.ts';
import { fieldOf } from './field-names.ts';
import { splitLabel } from './label.ts';

interface Paragraph {
  /** As the parser gives it: without the markers of the lists that it stands in. */
  readonly content: string;
  readonly raw: readonly string[];
  readonly numbers: readonly number[];
  /** The list item that it begins; null for a paragraph of its own. */
  readonly item: { readonly ordered: boolean; readonly line: number; readonly column: number } | null;
  readonly column: number;
}

const marker = /^[\s>]*(?:([-*+•◦▪‣–]|[a-h][.)])|\(?(\d{1,9})[.)]\)?)\s+(?=\S)/u;

/** A paragraph, and the list items that hide in its later lines because they are indented too far to be a list. */
export function paragraphEntries({ content, raw, numbers, item, column }: Paragraph): readonly Entry[] {
  const parts = content.split('\n');
  const entries: Building[] = [
    begin(item, parts[0] ?? '', { line: numbers[0] ?? 0, column, raw: raw[0] ?? '' }),
  ];
  for (const [index, part] of parts.entries()) {
    if (index === 0) continue;
    const line = numbers[index] ?? 0;
    const text = raw[index] ?? '';
    const found = marker.exec(text);
    if (found !== null) {
      entries.push(newItem(text, found, line));
      continue;
    }
    const label = splitLabel(part.trim());
    if (label !== null && (label.bold || fieldOf(label.label) !== null)) {
      entries.push({ type: 'text', line, column: columnOf(text), ordered: false, text: [part.trim()] });
    } else entries.at(-1)?.text.push(part.trim());
  }
  return entries.map(finish);
}

interface Building {
  readonly type: 'item' | 'text';
  readonly line: number;
  readonly column: number;
  readonly ordered: boolean;
  readonly text: string[];
}

function begin(
  item: Paragraph['item'],
  first: string,
  { line, column, raw }: { readonly line: number; readonly column: number; readonly raw: string },
): Building {
  if (item !== null) return { type: 'item', ...item, text: [first.trim()] };
  const found = marker.exec(raw);
  if (found !== null) return newItem(raw, found, line);
  return { type: 'text', line, column, ordered: false, text: [first.trim()] };
}

function newItem(raw: string, found: RegExpExecArray, line: number): Building {
  return {
    type: 'item',
    line,
    column: columnOf(raw),
    ordered: found[2] !== undefined,
    text: [raw.slice(found[0].length).trim()],
  };
}

function finish({ type, line, column, ordered, text }: Building): Entry {
  const joined = text.join(' ').trim();
  if (type === 'text') return { type, line, column, text: joined };
  const box =
    /^\[([ xX✓✔~/-]?)\](?:\s+|$)/u.exec(joined) ?? /^(?:(?:[☐⬜▢□]|([✅☑✔✓]))\uFE0F?\s+)(?=\S)/u.exec(joined);
  const mark = (box?.[1] ?? '').trim();
  return {
    type,
    line,
    column,
    ordered,
    checked: box === null ? null : /^[xX✓✔✅☑]$/u.test(mark),
    mark,
    text: box === null ? joined : joined.slice(box[0].length),
  };
}
