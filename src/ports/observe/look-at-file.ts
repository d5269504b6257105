import type { Look, Match } from '../../base/look.ts';
import type { Found } from './found.ts';
import { findMatch } from './matcher.ts';
import { type Evidence, mostWhole, readEvidence } from './read-evidence.ts';
import { type Place, resolveInside } from './resolve-inside.ts';
import type { Searcher } from './search-thread.ts';
import { anyOf, type Sight } from './seen.ts';

export interface LookingAround {
  readonly root: string;
  readonly thread: Searcher;
  readonly signal?: AbortSignal;
}

/** The first of the paths that shows what is wanted; else what is wrong with the first that is there. */
export async function lookAtFile(
  look: Extract<Look, { kind: 'file' }>,
  around: LookingAround,
): Promise<Sight> {
  return firstThatHolds(look.paths, 'file', around, async (path, real) => {
    const evidence = await readEvidence(real, around.signal);
    if (evidence === null) return null;
    const { digest, content, size } = evidence;
    if (look.match === null) return { holds: true, observed: `${path} has ${size} bytes`, digest, content };
    const found = await searchIn(evidence, look.match, around.thread);
    return { ...found, observed: `${path} ${found.observed}${note(evidence)}`, digest, content };
  });
}

export async function lookAtDirectory(
  look: Extract<Look, { kind: 'directory' }>,
  around: LookingAround,
): Promise<Sight> {
  return firstThatHolds(look.paths, 'directory', around, async (path) => ({
    holds: true,
    observed: `${path} is a directory`,
  }));
}

export async function lookAtJson(
  look: Extract<Look, { kind: 'json' }>,
  around: LookingAround,
): Promise<Sight> {
  return firstThatHolds(look.paths, 'file', around, async (path, real, fileSize) => {
    const tooLarge = `${path} is too large to be read as JSON (${told(fileSize)})`;
    if (fileSize > mostWhole) return { holds: false, observed: tooLarge };
    const evidence = await readEvidence(real, around.signal);
    if (evidence === null) return null;
    const { digest, content, isWhole, parts } = evidence;
    if (!isWhole) return { holds: false, observed: tooLarge, digest, content };
    const found = await around.thread.search({ kind: 'json', text: parts[0] ?? '', schema: look.schema });
    return { ...found, observed: `${path}: ${found.observed}`, digest, content };
  });
}

/** `see` gives null for what is no longer what it was resolved to. */
async function firstThatHolds(
  paths: readonly string[],
  wanted: 'file' | 'directory',
  { root }: LookingAround,
  see: (path: string, real: string, size: number) => Promise<Sight | null>,
): Promise<Sight> {
  let first: Sight | null = null;
  const others: string[] = [];
  for (const path of paths) {
    const place = resolveInside(root, path);
    const isWanted =
      place.kind === 'found' && (wanted === 'file' ? place.stats.isFile() : place.stats.isDirectory());
    const sight = isWanted ? await see(path, place.real, place.stats.size) : null;
    if (sight?.holds) return { ...sight, path };
    if (sight !== null) first ??= { ...sight, path };
    else if (place.kind !== 'missing') others.push(whatItIs(path, place));
  }
  const why = others.length > 0 ? ` (${others.join('; ')})` : '';
  return first ?? { holds: false, observed: `no such ${wanted}: ${anyOf(paths)}${why}` };
}

function whatItIs(path: string, place: Place): string {
  if (place.kind !== 'found') return `${path} leads out of the workspace`;
  if (place.stats.isDirectory()) return `${path} is a directory`;
  return `${path} is ${place.stats.isFile() ? 'a file' : 'a socket, pipe or device'}`;
}

async function searchIn({ parts, isWhole }: Evidence, match: Match, thread: Searcher): Promise<Found> {
  let found: Found | null = null;
  if (match.kind === 'json' && !isWhole) {
    return { holds: false, observed: 'is too large to be read as JSON', excerpt: '' };
  }
  for (const part of parts) {
    const here = await findMatch(part, match, thread);
    if (here.holds) return here;
    found ??= here;
  }
  return found ?? (await findMatch('', match, thread));
}

function note({ isWhole, size }: Evidence): string {
  return isWhole ? '' : ` (looked for in the first 8 MiB and the last MiB of ${told(size)})`;
}

function told(bytes: number): string {
  return bytes >= 2 ** 30 ? `${(bytes / 2 ** 30).toFixed(1)} GiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
