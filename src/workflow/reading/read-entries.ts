import MarkdownIt, { type Token } from 'markdown-it';
import { addAll } from './add-all.ts';
import { columnOf } from './column-of.ts';
import type { Entry } from './entry.ts';
import { paragraphEntries } from './paragraph-entries.ts';
import { type Problems, shortened } from './problem.ts';
import type { SourceLines } from './source-lines.ts';

/** Deeper lists than this are told as a problem; the parser would leave out what is in them without a word. */
const maxNesting = 200;

const parser = new MarkdownIt('commonmark', { maxNesting }).enable('table');
// Indented code is how a list looks that was indented too far, and `[ ]: x` is no link definition here.
parser.block.ruler.disable(['code', 'reference']);
// Labels, code spans and links are read where they mean something: only blocks are needed.
parser.core.ruler.disable(['inline', 'text_join'], true);

/** Headings, list items, paragraphs, fenced code and table rows of a document, in reading order. */
export function readEntries(lines: SourceLines, problems: Problems): readonly Entry[] {
  const entries: Entry[] = [];
  for (const [from, to] of pieces(lines.texts)) {
    const tokens = parser.parse(lines.texts.slice(from, to).join('\n'), {});
    readTokens({ tokens, offset: from, lines, problems, entries });
  }
  return entries;
}

/** A heading or a bullet at the margin ends whatever is open, so that what follows can be parsed by itself: it keeps
 * memory and time small. */
function* pieces(texts: readonly string[]): Generator<readonly [from: number, to: number]> {
  let from = 0;
  let fence: string | null = null;
  let size = 0;
  for (const [index, text] of texts.entries()) {
    size += text.length;
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(text)?.[1];
    if (fence !== null) {
      if (mark?.startsWith(fence) && text.trim() === mark) fence = null;
    } else if (mark !== undefined) fence = mark;
    else if (/^ {0,3}<[!?/a-z]/i.test(text)) fence = '<';
    else if (size > 100_000 && /^(?:#{1,6}|[-*+]) \S/.test(text)) {
      yield [from, index];
      from = index;
      size = 0;
    }
  }
  yield [from, texts.length];
}

interface Reading {
  readonly tokens: readonly Token[];
  readonly offset: number;
  readonly lines: SourceLines;
  readonly problems: Problems;
  readonly entries: Entry[];
}

function readTokens(reading: Reading): void {
  const { tokens, problems, entries } = reading;
  let item: { ordered: boolean; line: number; column: number } | null = null;
  let header: string[] = [];
  let cells: string[] = [];
  let lastItem = { line: -1, column: 0 };
  for (const [index, token] of tokens.entries()) {
    const { line, column, text } = placeOf(reading, token);
    if (token.level >= maxNesting - 2 && token.type === 'list_item_open') {
      problems.add(
        'nesting-too-deep',
        line,
        'lists are nested too deeply here; what is inside was not read',
        'Nest lists at most ninety deep.',
      );
    }
    switch (token.type) {
      case 'heading_open':
        entries.push({
          type: 'heading',
          level: Number(token.tag.slice(1)),
          line,
          column,
          text: contentOf(tokens[index + 1]),
        });
        break;
      case 'list_item_open': {
        // `- 1. x`: the second marker stands on the line of the first, and both begin one item.
        const twice: boolean = lastItem.line === line && item !== null;
        const at: number = twice ? lastItem.column : column;
        if (item !== null && !twice)
          entries.push({ type: 'item', checked: null, mark: '', text: '', ...item });
        item = { ordered: /[.)]/.test(token.markup), line, column: at };
        lastItem = { line, column: at };
        if (tokens[index + 1]?.type === 'list_item_close') {
          entries.push({ type: 'item', checked: null, mark: '', text: '', ...item });
          item = null;
        }
        break;
      }
      case 'paragraph_open': {
        const [start = 0, end = 0] = token.map ?? [];
        const raw = reading.lines.texts.slice(reading.offset + start, reading.offset + end);
        const numbers = reading.lines.numbers.slice(reading.offset + start, reading.offset + end);
        addAll(
          entries,
          paragraphEntries({ content: contentOf(tokens[index + 1]), raw, numbers, item, column }),
        );
        item = null;
        break;
      }
      case 'fence':
      case 'html_block':
        if (item !== null) entries.push({ type: 'item', checked: null, mark: '', text: '', ...item });
        item = null;
        if (token.type === 'fence') {
          entries.push({ type: 'code', info: token.info.trim(), line, column, text: token.content });
        } else if (!/^\s*<(?:!--|\/?(?:details|summary|br|div|p|hr|a|img|center)\b)/i.test(token.content)) {
          problems.add(
            'html-not-read',
            line,
            `HTML was not read: "${shortened(text)}"`,
            'Write it as markdown.',
          );
        } else if (/\n\s*(?:[-*+]|\d+[.)])\s/.test(token.content) && !/^\s*<!--/.test(token.content)) {
          problems.add(
            'html-not-read',
            line,
            'a list stands inside of HTML and was not read',
            'Put an empty line after the HTML tag.',
          );
        }
        break;
      case 'thead_open':
        header = [];
        break;
      case 'tr_open':
        cells = [];
        break;
      case 'th_open':
        header.push(contentOf(tokens[index + 1]));
        break;
      case 'td_open':
        cells.push(contentOf(tokens[index + 1]));
        break;
      case 'tr_close':
        if (cells.length > 0)
          entries.push({ type: 'row', header, cells, ...rowPlace(reading, tokens, index) });
        break;
    }
  }
}

function contentOf(token: Token | undefined): string {
  return token?.type === 'inline' ? token.content.trim() : '';
}

function placeOf(
  { offset, lines }: Reading,
  token: Token,
): { readonly line: number; readonly column: number; readonly text: string } {
  if (token.map === null || token.map === undefined) return { line: 0, column: 0, text: '' };
  const at = offset + token.map[0];
  const text = lines.texts[at] ?? '';
  return { line: lines.numbers[at] ?? at + 1, column: columnOf(text), text };
}

function rowPlace(
  reading: Reading,
  tokens: readonly Token[],
  close: number,
): { line: number; column: number } {
  let index = close;
  while (index > 0 && tokens[index]?.type !== 'tr_open') index -= 1;
  const open = tokens[index];
  const { line, column } = open === undefined ? { line: 0, column: 0 } : placeOf(reading, open);
  return { line, column };
}
