import { baseName } from './artifacts.ts';
import type { Problem, WorkflowDocument } from './document.ts';
import { linksIn } from './paths.ts';

/** A document with the path it was read from. */
export interface PlacedDocument {
  readonly file: string;
  readonly document: WorkflowDocument;
}

export interface Resolved {
  readonly status: 'found' | 'missing' | 'ambiguous';
  readonly paths: readonly string[];
}

/** Finds what a document calls by a path or a bare name: by its whole path first, then by name among all known files. */
export class FileIndex {
  readonly #paths: ReadonlySet<string>;
  readonly #byName = new Map<string, string[]>();

  /** Paths relative to the workspace, with slashes, documents first. */
  constructor(paths: readonly string[]) {
    this.#paths = new Set(paths);
    for (const path of this.#paths) {
      const names = this.#byName.get(baseName(path));
      if (names === undefined) this.#byName.set(baseName(path), [path]);
      else names.push(path);
    }
  }

  resolve(link: string, roots: readonly string[] = ['']): Resolved {
    const clean = link
      .replace(/^mdc:/, '')
      .replace(/^\.?\//, '')
      .replace(/#.*$/, '');
    for (const root of roots) {
      const path = root === '' ? clean : `${root.replace(/\/$/, '')}/${clean}`;
      if (this.#paths.has(path)) return { status: 'found', paths: [path] };
    }
    const named = this.#byName.get(baseName(clean)) ?? this.#byName.get(`${baseName(clean)}.md`) ?? [];
    const ending = clean.includes('/') ? named.filter((path) => path.endsWith(`/${clean}`)) : named;
    if (ending.length === 1) return { status: 'found', paths: ending };
    return { status: ending.length === 0 ? 'missing' : 'ambiguous', paths: ending };
  }
}

/** Problems that show only between documents, by file. */
export function linkProblems(
  documents: readonly PlacedDocument[],
  files: readonly string[],
  roots: readonly string[],
): ReadonlyMap<string, readonly Problem[]> {
  const index = new FileIndex([...documents.map(({ file }) => file), ...files]);
  const byFile = new Map<string, Problem[]>(documents.map(({ file }) => [file, []]));
  for (const placed of documents)
    byFile
      .get(placed.file)
      ?.push(
        ...neighbourProblems(placed, documents, { index, roots }),
        ...nameProblems(placed, { index, roots }),
      );
  for (const [file, problem] of sharedTasks(documents)) byFile.get(file)?.push(problem);
  return byFile;
}

interface Known {
  readonly index: FileIndex;
  readonly roots: readonly string[];
}

const neighbours = {
  previous: ['previous_task', 'Previous Step', 'Previous Task', 'previous_step', 'Previous'],
  next: ['next_task', 'Next Step', 'Next Task', 'next_step', 'Next'],
} as const;

/** What a document calls the one before or after it; null where it names none. */
export function neighbourOf({ metadata }: WorkflowDocument, way: keyof typeof neighbours): string | null {
  for (const key of neighbours[way]) {
    const value = metadata[key];
    if (typeof value === 'string' && value.trim() !== '' && !/^(?:none|n\/?a|null|-)$/i.test(value.trim()))
      return linksIn(value)[0]?.path ?? value.trim();
  }
  return null;
}

/** The id of a document's task, as its neighbours call it. */
export function taskIdOf({ metadata }: WorkflowDocument): string | null {
  const id = metadata.task_id ?? metadata.TaskID;
  return typeof id === 'string' ? id : null;
}

function neighbourProblems(
  { file, document }: PlacedDocument,
  documents: readonly PlacedDocument[],
  known: Known,
): readonly Problem[] {
  return (['previous', 'next'] as const).flatMap((way): readonly Problem[] => {
    const name = neighbourOf(document, way);
    if (name === null) return [];
    const found = documents.find((one) => isNeighbour(one, name));
    if (found === undefined) return unresolved(name, way, known);
    const back = neighbourOf(found.document, way === 'next' ? 'previous' : 'next');
    if (back === null || isNeighbour({ file, document }, back)) return [];
    return [
      {
        code: 'link-not-returned',
        line: 1,
        message: `the ${way} document is ${found.file}, but that one names ${back}`,
        remedy: 'Correct one of the two links.',
      },
    ];
  });
}

function unresolved(name: string, way: string, { index, roots }: Known): readonly Problem[] {
  const { status, paths } = index.resolve(name, roots);
  if (status === 'found') return [];
  if (status === 'ambiguous') return [ambiguous(name, paths)];
  return [
    {
      code: 'link-broken',
      line: 1,
      message: `the ${way} document ${name} was not found`,
      remedy: 'Correct its name, or give the file to the command as well.',
    },
  ];
}

/** Whether this is the document that another one calls by that name: by its file, its task id, or the task id in its file name. */
export function isNeighbour({ file, document }: PlacedDocument, name: string): boolean {
  const bare = baseName(name).replace(/\.md$/i, '');
  const own = baseName(file).replace(/\.[a-z]+$/i, '');
  return own === bare || taskIdOf(document) === name || (/^P\d/.test(name) && own.startsWith(`${name}-`));
}

/** Two files of one name are said where a document calls one of them by its bare name. */
function nameProblems({ document }: PlacedDocument, { index, roots }: Known): readonly Problem[] {
  const problems: Problem[] = [];
  const told = new Set<string>();
  for (const { links, line } of document.tasks.flatMap(({ subtasks }) => subtasks)) {
    for (const link of links) {
      const { status, paths } = index.resolve(link, roots);
      if (status === 'ambiguous' && !told.has(link)) problems.push({ ...ambiguous(link, paths), line });
      told.add(link);
    }
  }
  return problems;
}

function ambiguous(name: string, paths: readonly string[]): Problem {
  return {
    code: 'link-ambiguous',
    line: 1,
    message: `${name} may be ${paths.slice(0, 5).join(' or ')}`,
    remedy: 'Write the path, or name one root under `roots:` in the bindings file.',
  };
}

/** One task described by two documents. */
function sharedTasks(
  documents: readonly PlacedDocument[],
): readonly (readonly [file: string, problem: Problem])[] {
  const byId = new Map<string, PlacedDocument>();
  return documents.flatMap((placed): readonly (readonly [string, Problem])[] => {
    const id = taskIdOf(placed.document);
    if (id === null) return [];
    const before = byId.get(id);
    if (before === undefined) {
      byId.set(id, placed);
      return [];
    }
    const agents = ({ document }: PlacedDocument) => JSON.stringify(document.metadata.agent ?? null);
    const differ = agents(before) === agents(placed) ? '' : ', with other agents';
    return [
      [
        placed.file,
        {
          code: 'task-in-two-documents',
          line: 1,
          message: `the task ${id} is described by ${before.file} as well${differ}`,
          remedy: 'Keep one of the two, or give them different ids.',
        },
      ],
    ];
  });
}
