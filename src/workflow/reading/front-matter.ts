import { parseDocument } from 'yaml';
import { type Problems, shortened } from './problem.ts';
import type { SourceLines } from './source-lines.ts';

export interface FrontMatter {
  readonly values: Readonly<Record<string, unknown>>;
  /** How many lines of the document it takes, fences included; 0 without one. */
  readonly length: number;
}

const keyLine = /^(["']?)[A-Za-z_][\w .-]{0,60}\1:(?:\s|$)/;

/** YAML between `---` lines at the top. What YAML refuses is read line by line, and told. */
export function readFrontMatter(lines: SourceLines, problems: Problems): FrontMatter {
  const none = { values: {}, length: 0 };
  const start = lines.texts.findIndex((text) => text !== '');
  if (start < 0 || lines.texts[start] !== '---') return none;
  // Empty lines and comments may come before the first key.
  const first = lines.texts.findIndex((text, index) => index > start && !/^(?:#.*)?$/.test(text));
  if (!keyLine.test(lines.texts[first] ?? '')) return none;
  const end = endOf(lines, first, problems);
  const body = lines.texts.slice(start + 1, end.body);
  const values = tooLong(body) ? null : (fromYaml(body) ?? fromYaml(body.map(quoteHandles)));
  if (values !== null) return { values, length: end.length };
  problems.add(
    'front-matter-invalid',
    lines.numbers[start] ?? 1,
    'the front matter is no valid YAML; it was read line by line',
    'Write `key: value` lines, and quote values that begin with @, *, & or contain ": ".',
  );
  return { values: byLines(body, lines.numbers.slice(start + 1, end.body), problems), length: end.length };
}

function endOf(
  { texts, numbers }: SourceLines,
  start: number,
  problems: Problems,
): { readonly body: number; readonly length: number } {
  const heading = texts.findIndex((text, index) => index > start && /^#{1,6}\s/.test(text));
  const fence = texts.findIndex((text, index) => index > start && (text === '---' || text === '...'));
  if (fence > 0 && (heading < 0 || fence < heading)) return { body: fence, length: fence + 1 };
  problems.add(
    'front-matter-unclosed',
    numbers[start] ?? 1,
    'the front matter that begins here has no closing `---`',
    'Write `---` on a line of its own after the last key.',
  );
  let body = start + 1;
  while (body < texts.length && /^(?:\s|- )|^[^\s#][^:]*:/.test(texts[body] ?? '')) body += 1;
  return { body, length: body };
}

/** No one writes so much by hand; YAML takes its time over errors, and these lines are read just as well one by one. */
function tooLong(body: readonly string[]): boolean {
  return body.length > 1000 || body.reduce((sum, line) => sum + line.length, 0) > 50_000;
}

function fromYaml(body: readonly string[]): Record<string, unknown> | null {
  const document = parseDocument(body.join('\n'), { prettyErrors: false, logLevel: 'silent' });
  if (document.errors.length > 0) return null;
  try {
    const values: unknown = document.toJS({ maxAliasCount: 20 });
    return typeof values === 'object' && values !== null && !Array.isArray(values)
      ? (values as Record<string, unknown>)
      : null;
  } catch {
    // Aliases that multiply beyond the bound are refused here; the line reader does not expand them.
    return null;
  }
}

/** `agent: @a` and `agent: [@a, @b]`, which YAML refuses since @ is reserved there. */
function quoteHandles(line: string): string {
  const list = /^(\s*[\w-]+:\s*)(@[\w-]+(?:\s*,\s*@[\w-]+)*)$/.exec(line);
  if (list !== null) return `${list[1]}"${list[2]}"`;
  return line.replace(/(^\s*-\s+|[[,]\s*)(@[\w.-]+)/g, '$1"$2"');
}

function byLines(
  body: readonly string[],
  numbers: readonly number[],
  problems: Problems,
): Record<string, unknown> {
  const entries: [string, string][] = [];
  for (const [index, text] of body.entries()) {
    const match = /^([A-Za-z_][\w .-]{0,60}):\s*(.*)$/.exec(text);
    if (match !== null) entries.push([match[1] ?? '', (match[2] ?? '').replace(/^(["'])(.*)\1$/, '$2')]);
    else if (text.trim() !== '') {
      problems.add(
        'front-matter-line',
        numbers[index] ?? 1,
        `"${shortened(text)}" is no \`key: value\``,
        'Correct or remove the line.',
      );
    }
  }
  return Object.fromEntries(entries);
}
