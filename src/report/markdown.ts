/** Text of others on one line, so that it can break neither a table nor a list: white space folds, specials are escaped. */
export function inline(text: string): string {
  return oneLine(text)
    .replaceAll(/[\\`*[\]<|~]/g, '\\$&')
    .replaceAll(/(?<!\w)_|_(?!\w)/g, '\\_')
    .replace(/^(?=>|[-=+#]+(?:\s|$))/, '\\')
    .replace(/^(\d+)([.)])(?=\s|$)/, '$1\\$2');
}

/** A row of a table. Cells are markdown already: what comes from outside went through `inline` or `code`. */
export function row(...cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  return [
    row(...head),
    `|${head.map((name) => '-'.repeat(name.length + 2)).join('|')}|`,
    ...rows.map((cells) => row(...cells)),
  ];
}

/** As it is, in a code span of one line; for a table a bar is escaped, as tables are cut before code is read. */
export function code(text: string, options: { readonly inTable?: boolean } = {}): string {
  const line = oneLine(text);
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const padded = longest > 0 || line === '' ? ` ${line} ` : line;
  return `${fence}${options.inTable ? padded.replaceAll('|', '\\|') : padded}${fence}`;
}

/** A command exactly as it runs: on one line in a code span, with more lines as a block below its list entry. */
export function command(run: string): string {
  const text = run.trim();
  if (!text.includes('\n')) return code(text);
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([found]) => found.length));
  const fence = '`'.repeat(longest + 1);
  const lines = [`${fence}sh`, ...text.split(/\r?\n/), fence];
  return ['', ...lines].join('\n   ');
}

/** Control characters, line ends and runs of white space become one space. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\s\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu, ' ').trim();
}

export function clip(text: string, length: number): string {
  const line = oneLine(text);
  return line.length <= length ? line : `${line.slice(0, length - 1).trimEnd()}…`;
}
