import { isMap, isScalar, LineCounter, parseDocument, visit } from 'yaml';

/** The two parts of a QA report, or the line and the reason why it has no such parts. */
export type ReportText =
  | { readonly kind: 'read'; readonly frontmatter: Readonly<Record<string, unknown>>; readonly body: string }
  | { readonly kind: 'broken'; readonly reason: string };

export const largestReportBytes = 1_048_576;

/**
 * Splits a report into YAML frontmatter and Markdown. A byte order mark and CRLF line ends are accepted. A number whose
 * digits would not come back from its value (`007`, a commit such as `12345e7`) stays the text that was written.
 */
export function parseReport(bytes: Uint8Array): ReportText {
  if (bytes.length > largestReportBytes)
    return broken(1, `the file is larger than ${largestReportBytes} bytes`);
  const badLine = firstLineNotUtf8(bytes);
  if (badLine !== null) return broken(badLine, 'the text is not UTF-8');
  const lines = new TextDecoder().decode(bytes).split(/\r\n|\n/);
  if (lines.every((line) => line.trim() === '')) return broken(1, 'the file is empty');
  if (lines[0]?.trimEnd() !== '---')
    return broken(1, 'the frontmatter is missing: the first line must be ---');
  const end = lines.findIndex((line, index) => index > 0 && line.trimEnd() === '---');
  if (end === -1) return broken(1, 'the frontmatter does not end: a second line --- is missing');
  const frontmatter = parseFrontmatter(lines.slice(1, end).join('\n'));
  if (typeof frontmatter === 'string') return { kind: 'broken', reason: frontmatter };
  return { kind: 'read', frontmatter, body: lines.slice(end + 1).join('\n') };
}

function parseFrontmatter(text: string): Readonly<Record<string, unknown>> | string {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, {
    lineCounter,
    prettyErrors: false,
    uniqueKeys: true,
    logLevel: 'error',
  });
  const [problem] = [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0]);
  if (problem !== undefined) return at(lineCounter.linePos(problem.pos[0]).line + 1, problem.message);
  if (!isMap(document.contents)) return at(2, 'the frontmatter is not a mapping of keys to values');
  visit(document, {
    Scalar(_, node) {
      if (isScalar(node) && typeof node.value === 'number' && String(node.value) !== node.source) {
        node.value = node.source;
      }
    },
  });
  try {
    return document.toJS({ maxAliasCount: 100 }) as Record<string, unknown>;
  } catch (error) {
    return at(2, error instanceof Error ? error.message : String(error));
  }
}

function firstLineNotUtf8(bytes: Uint8Array): number | null {
  if (isUtf8(bytes)) return null;
  // A line feed is never part of a longer UTF-8 sequence, so lines can be judged one by one.
  let line = 1;
  for (let from = 0; from < bytes.length; line += 1) {
    const to = bytes.indexOf(0x0a, from);
    if (!isUtf8(bytes.subarray(from, to === -1 ? bytes.length : to))) return line;
    if (to === -1) break;
    from = to + 1;
  }
  return line;
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    // The only thing that a fatal decoder throws for.
    return false;
  }
}

function broken(line: number, reason: string): ReportText {
  return { kind: 'broken', reason: at(line, reason) };
}

function at(line: number, reason: string): string {
  return `line ${line}: ${reason.split('\n')[0] ?? reason}`;
}
