import { globMatcher } from '../glob.ts';
import { type ModelTool, parameters, ToolFault, text, textOf } from './tool.ts';
import type { WorkspaceFiles } from './workspace-files.ts';

const path = text('Relative to the workspace.');
/** Of paths and lines that are found. */
const mostFound = 100;
const mostLooked = 20_000;
/** Of one file's text in one answer. */
const mostLines = 400;
const longestLine = 2_000;

/** Tools that read and write files of the workspace. */
export function fileTools(files: WorkspaceFiles): readonly ModelTool[] {
  return [editFile(files), fileSearch(files), codebaseSearch(files), listDir(files)];
}

function editFile(files: WorkspaceFiles): ModelTool {
  return {
    name: 'edit_file',
    description:
      'Writes a file. `create` makes a new one, `replace` gives an existing one a new content, `str_replace` replaces the only place where `old` stands by `new`.',
    parameters: parameters(
      {
        path,
        operation: { enum: ['create', 'replace', 'str_replace'] },
        content: text('The whole content, for create and replace.'),
        old: text('For str_replace: the text that is there, exactly once.', { minLength: 1 }),
        new: text('For str_replace: what takes its place.'),
      },
      ['path', 'operation'],
    ),
    async perform(input) {
      const name = textOf(input, 'path') ?? '';
      await files.write(name, await contentFor(files, name, input));
      return `${name} was written.`;
    },
  };
}

async function contentFor(
  files: WorkspaceFiles,
  name: string,
  input: Readonly<Record<string, unknown>>,
): Promise<string> {
  if (input.operation === 'str_replace') return replaced(files, name, input);
  const content = textOf(input, 'content');
  if (content === null) throw new ToolFault(`${String(input.operation)} needs \`content\`.`);
  const there = await files.exists(name);
  if (there && input.operation === 'create')
    throw new ToolFault(`${name} is there already; use replace or str_replace.`);
  if (!there && input.operation === 'replace') throw new ToolFault(`${name} is not there; use create.`);
  return content;
}

async function replaced(
  files: WorkspaceFiles,
  name: string,
  input: Readonly<Record<string, unknown>>,
): Promise<string> {
  const [before, after] = [textOf(input, 'old'), textOf(input, 'new')];
  if (before === null || after === null) throw new ToolFault('str_replace needs `old` and `new`.');
  const parts = (await files.read(name)).split(before);
  if (parts.length !== 2)
    throw new ToolFault(`\`old\` stands ${parts.length - 1} times in ${name}; it must stand there once.`);
  return parts.join(after);
}

function fileSearch(files: WorkspaceFiles): ModelTool {
  return {
    name: 'file_search',
    description:
      'Finds files by `query`, a part of their path or a glob (`docs/**/*.md`), or reads the file at `path`: its lines with their numbers, from line `from` on.',
    parameters: parameters({ query: text('What to find.'), path, from: { type: 'integer', minimum: 1 } }, []),
    async perform(input, signal) {
      const [name, query] = [textOf(input, 'path'), textOf(input, 'query')];
      if (name !== null)
        return numbered(await files.read(name), typeof input.from === 'number' ? input.from : 1);
      if (query === null) throw new ToolFault('file_search needs `query` or `path`.');
      const fits = /[*?{]/.test(query) ? fitting(query) : (one: string) => lower(one).includes(lower(query));
      return found(files, signal, async (one) => (fits(one) ? [one] : []));
    },
  };
}

function codebaseSearch(files: WorkspaceFiles): ModelTool {
  return {
    name: 'codebase_search',
    description:
      'Finds lines that hold all words of `query`, in any case; `within` narrows it to paths that fit a glob. Gives path, line number and line.',
    parameters: parameters({ query: text('Words.', { minLength: 1 }), within: text('A glob.') }, ['query']),
    async perform(input, signal) {
      const words = lower(textOf(input, 'query') ?? '')
        .split(/\s+/)
        .filter((word) => word !== '');
      if (words.length === 0) throw new ToolFault('`query` has no word.');
      const glob = textOf(input, 'within');
      const fits = glob === null ? () => true : fitting(glob);
      return found(files, signal, async (one) => {
        if (!fits(one)) return [];
        const content = await files.read(one).catch(() => '');
        if (content.includes('\0')) return [];
        return content.split('\n').flatMap((line, index) => {
          const low = lower(line);
          return words.every((word) => low.includes(word))
            ? [`${one}:${index + 1}: ${line.slice(0, 300)}`]
            : [];
        });
      });
    },
  };
}

function listDir(files: WorkspaceFiles): ModelTool {
  return {
    name: 'list_dir',
    description: 'Lists a folder; names of folders end with a slash, those of links with @.',
    parameters: parameters({ path: text('Relative to the workspace; `.` is the workspace.') }),
    async perform(input) {
      const entries = await files.list(textOf(input, 'path') ?? '.');
      const marks = { folder: '/', link: '@', file: '' } as const;
      const names = entries.map(({ name, kind }) => `${name}${marks[kind]}`).sort();
      return bounded(names, entries.length) || 'It is empty.';
    },
  };
}

async function found(
  files: WorkspaceFiles,
  signal: AbortSignal,
  look: (path: string) => Promise<readonly string[]>,
): Promise<string> {
  const lines: string[] = [];
  let looked = 0;
  for await (const one of files.walk()) {
    signal.throwIfAborted();
    looked += 1;
    lines.push(...(await look(one)));
    if (lines.length > mostFound) return bounded(lines, lines.length);
    if (looked === mostLooked)
      return `${lines.join('\n')}\n(only the first ${mostLooked} files were looked at)`.trim();
  }
  return bounded(lines, lines.length) || 'Nothing was found.';
}

function bounded(lines: readonly string[], all: number): string {
  const shown = lines.slice(0, mostFound).join('\n');
  return all > mostFound ? `${shown}\n(more than ${mostFound}; ask for less)` : shown;
}

function numbered(content: string, from: number): string {
  const lines = content.split('\n');
  const shown = lines
    .slice(from - 1, from - 1 + mostLines)
    .map((line, index) => `${from + index}: ${line.slice(0, longestLine)}`);
  const rest = lines.length - (from - 1 + mostLines);
  return rest > 0
    ? `${shown.join('\n')}\n(${rest} lines follow; read on from ${from + mostLines})`
    : shown.join('\n');
}

function fitting(glob: string): (path: string) => boolean {
  try {
    return globMatcher([glob]).fits;
  } catch (error) {
    throw new ToolFault((error as Error).message);
  }
}

function lower(value: string): string {
  return value.toLowerCase();
}
