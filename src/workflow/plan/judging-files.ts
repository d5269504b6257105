import type { Look } from '../../base/look.ts';

type Command = Pick<Extract<Look, { kind: 'command' }>, 'run' | 'tests'>;

/**
 * Globs of the files of the workspace that decide how a command judges: scripts that it names, what an interpreter or a runner of
 * tests is given, and the file that says what `npm test` or `make` does. What these read themselves is not known here.
 */
export function judgingFiles({ run, tests }: Command): readonly string[] {
  return run.split(/&&|\|\||[;|&\n()]/).flatMap((part) => {
    const words = part.split(/[\s<>"'`]+/).filter((word) => word !== '');
    const values = words.flatMap((word) => word.split('='));
    return [
      ...values.filter(isScript).map(plainPath),
      ...givenTo(words.filter((word) => !/^\w+=/.test(word))),
      ...(tests ? suitesIn(words) : []),
    ];
  });
}

function isScript(word: string): boolean {
  return /^[\w@.-]+(?:\/[\w@.-]+)*\.(?:sh|bash|zsh|[cm]?[jt]s|py|rb|pl|php|lua|ps1|go|rs)$|^\.\/[\w@./-]+$/.test(
    word,
  );
}

const runner = /^(?:npm|pnpm|yarn|g?make|just)$/;
const interpreter = /^(?:.*\/)?(?:sh|bash|zsh|dash|ksh|source|\.|node|deno|bun|python[\d.]*|ruby|perl|php)$/;

/** The program that an interpreter is given, and the file in which a runner finds its tasks. */
function givenTo(words: readonly string[]): readonly string[] {
  const at = words.findIndex((word) => runner.test(word) || interpreter.test(word));
  const [tool = '', ...rest] = at < 0 ? [] : words.slice(at);
  if (/^(?:npm|pnpm|yarn)$/.test(tool)) return ['package.json'];
  if (/^g?make$/.test(tool)) return ['Makefile', 'makefile', 'GNUmakefile'];
  if (tool === 'just') return ['justfile', 'Justfile'];
  if (!interpreter.test(tool) || /^-(?:c|e|p|-eval|-print)$/.test(rest[0] ?? '')) return [];
  const program = rest.find((word) => !word.startsWith('-'));
  return program === undefined || !isPath(program) ? [] : [plainPath(program)];
}

/** Folders and patterns of test files. */
function suitesIn(words: readonly string[]): readonly string[] {
  return words
    .slice(1)
    .filter((word) => !word.startsWith('-') && (word.includes('/') || word.includes('*')))
    .filter((word) => /^[\w@./*{},?-]+$/.test(word))
    .map((word) => (/[*?{]/.test(word) ? word.replace(/^\.\//, '') : plainPath(word)));
}

function isPath(word: string): boolean {
  return /^[\w@.][\w@./-]*$/.test(word);
}

/** A name is no glob: `[a].sh` is a file. */
function plainPath(path: string): string {
  return path.replace(/^\.\//, '').replace(/\/+$/, '');
}
