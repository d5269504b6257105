import type { Clock } from '../../base/clock.ts';
import { digestOfBytes } from '../../base/digest.ts';
import type { Look } from '../../base/look.ts';
import { checkJson } from './check-json.ts';
import { findMatch } from './matcher.ts';
import { searchPattern } from './pattern-search.ts';
import type { Observer } from './port.ts';
import type { Searcher } from './search-thread.ts';
import { anyOf, type Sight, seenAt } from './seen.ts';

/** An observer of a world that tests set. Patterns have no time bound here. */
export interface MemoryObserver extends Observer {
  /** Texts by path. The root plays no part. */
  readonly files: Map<string, string>;
  readonly directories: Set<string>;
  /** Everything that was looked at, in order. */
  readonly looks: Look[];
  /** What is seen of all that is no file and no directory. At first nothing holds. */
  answer: (look: Look) => Sight | Promise<Sight>;
}

export function memoryObserver({ clock }: { readonly clock: Clock }): MemoryObserver {
  const observer: MemoryObserver = {
    files: new Map(),
    directories: new Set(),
    looks: [],
    answer: ({ kind }) => ({ holds: false, observed: `nothing was set for ${kind}` }),
    async look(look, { signal }) {
      observer.looks.push(look);
      if (signal?.aborted) return seenAt({ holds: false, observed: 'the look was cancelled' }, clock.now());
      return seenAt(await sightOf(observer, look), clock.now());
    },
    match: (text, match) => findMatch(text, match, searcher),
    close: async () => {},
  };
  return observer;
}

const searcher: Searcher = {
  search: async (job) =>
    job.kind === 'pattern' ? searchPattern(job.text, job.source) : checkJson(job.text, job.schema),
};

async function sightOf({ files, directories, answer }: MemoryObserver, look: Look): Promise<Sight> {
  if (look.kind !== 'file' && look.kind !== 'directory' && look.kind !== 'json') return answer(look);
  let first: Sight | null = null;
  for (const path of look.paths) {
    const sight =
      look.kind === 'directory' ? directory(directories, path) : await file(files.get(path), look);
    if (sight?.holds) return { ...sight, path };
    if (sight !== null) first ??= { ...sight, path };
  }
  const wanted = look.kind === 'directory' ? 'directory' : 'file';
  return first ?? { holds: false, observed: `no such ${wanted}: ${anyOf(look.paths)}` };
}

function directory(directories: ReadonlySet<string>, path: string): Sight | null {
  return directories.has(path) ? { holds: true, observed: `${path} is a directory` } : null;
}

async function file(
  text: string | undefined,
  look: Extract<Look, { kind: 'file' | 'json' }>,
): Promise<Sight | null> {
  if (text === undefined) return null;
  const facts = { digest: digestOfBytes(text), content: text.slice(0, 1_048_576) };
  if (look.kind === 'json') return { ...(await checkJson(text, look.schema)), ...facts };
  if (look.match === null) return { holds: true, observed: `it has ${text.length} characters`, ...facts };
  return { ...(await findMatch(text, look.match, searcher)), ...facts };
}
