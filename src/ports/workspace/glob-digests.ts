import { constants, lstatSync, readdirSync } from 'node:fs';
import { open, readlink, realpath, stat } from 'node:fs/promises';
import { relative } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { digestOfBytes } from '../../base/digest.ts';
import { readAtOnce } from '../../disk/read-at-once.ts';
import { systemCode } from '../artifact/artifact-error.ts';
import { copyHashed } from '../artifact/copy-hashed.ts';
import { type BytePath, below, bytePathOf, onDisk, textOf } from './byte-path.ts';
import { matchesSegment, parseGlob, type Segment } from './glob.ts';

export interface GlobSearch {
  /** A real path. Globs may begin with it. */
  readonly root: string;
  readonly globs: readonly string[];
  /** Never looked into. */
  readonly except: BytePath | null;
}

/**
 * Digests of what any of the globs matches, by path in order; everything below a directory that is matched counts too. A
 * symbolic link gives the digest of its target's name under its own path; what it leads to counts as well, under that path,
 * as long as it lies in the root. A file that may not be read gives `unreadable`. Throws `glob-unusable`.
 */
export async function globDigests(search: GlobSearch): Promise<ReadonlyMap<string, string>> {
  const walk = new Walk(search);
  await walk.enter(
    { path: '', real: '', open: new Set(search.globs.flatMap((glob) => globIn(search.root, glob))) },
    [],
  );
  return new Map([...walk.digests].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function globIn(root: string, glob: string): readonly Open[] {
  const asked = parseGlob(glob.startsWith(`${root}/`) ? glob.slice(root.length + 1) : glob);
  return asked.map((segments) => segments.reduceRight<Open>((rest, segment) => ({ segment, rest }), null));
}

/** What is still asked of a path; null when nothing more is. Made once for each glob, so that the same is known as the same. */
type Open = { readonly segment: Segment; readonly rest: Open } | null;

interface Place {
  /** As it was come by. */
  readonly path: BytePath;
  /** Where it really is, below the root. */
  readonly real: BytePath;
  /** What is still asked of the names below it. */
  readonly open: ReadonlySet<Open>;
}

/** Between two looks at the rest of the program's work. */
const atOnce = 64;

const everything: Open = { segment: { kind: 'any-depth' }, rest: null };

/** The kernel tells of names from memory: asked at once it takes far less than by the thread pool, many times a step. */
class Walk {
  readonly digests = new Map<string, string>();
  readonly #search: GlobSearch;
  #met = 0;

  constructor(search: GlobSearch) {
    this.#search = search;
  }

  /** `above`: the real directories that were come through, so that a link to one of them is no endless way. */
  async enter(place: Place, above: readonly BytePath[]): Promise<void> {
    if (place.real === this.#search.except || above.includes(place.real)) return;
    for (const name of this.#names(place)) {
      const open = stepInto(place.open, Buffer.from(name, 'latin1').toString());
      if (open.size === 0) continue;
      const next = { path: below(place.path, name), real: below(place.real, name), open };
      await this.#visit(next, [...above, place.real]).catch(goneIsNothing);
    }
  }

  /** Where only certain names are asked for, the directory is not read. */
  #names({ real, open }: Place): readonly string[] {
    const first = [...open].map((one) => one?.segment);
    if (first.every((segment) => segment?.kind === 'literal')) {
      return [...new Set(first.map((segment) => bytePathOf(segment.name)))];
    }
    try {
      return readdirSync(onDisk(this.#search.root, real), { encoding: 'latin1' });
    } catch (error) {
      if (isClosed(error)) return [];
      throw error;
    }
  }

  async #visit(place: Place, above: readonly BytePath[]): Promise<void> {
    const onItsPlace = onDisk(this.#search.root, place.real);
    this.#met += 1;
    if (this.#met % atOnce === 0) await setImmediate();
    const stats = lstatSync(onItsPlace);
    if (stats.isDirectory()) return this.enter({ ...place, open: orAll(place.open) }, above);
    if (stats.isSymbolicLink()) return this.#follow(place, above);
    if (stats.isFile() && [...place.open].some(isDone)) {
      this.digests.set(textOf(place.path), await digestOf(onItsPlace));
    }
  }

  async #follow(place: Place, above: readonly BytePath[]): Promise<void> {
    const link = onDisk(this.#search.root, place.real);
    const target = await readlink(link);
    const matched = [...place.open].some(isDone);
    if (matched) this.digests.set(textOf(place.path), digestOfBytes(`link to ${target}`));
    const real = await realpath(link, { encoding: 'buffer' }).catch(() => null);
    if (real === null) return;
    const inside = bytePathOf(relative(this.#search.root, real.toString()));
    if (inside === '..' || inside.startsWith('../')) return;
    const stats = await stat(real);
    if (stats.isDirectory()) await this.enter({ ...place, real: inside, open: orAll(place.open) }, above);
    if (stats.isFile() && matched) {
      this.digests.set(textOf(place.path), digestOfBytes(`link to ${target}: ${await digestOf(real)}`));
    }
  }
}

/** What is asked of the names below `name`, by all that it fulfils. */
function stepInto(open: ReadonlySet<Open>, name: string): ReadonlySet<Open> {
  const next = new Set<Open>();
  const step = (one: Open): void => {
    if (one === null) return;
    const { segment, rest } = one;
    if (segment.kind !== 'any-depth') {
      if (matchesSegment(name, segment)) next.add(rest);
      return;
    }
    next.add(one);
    step(rest);
  };
  for (const one of open) step(one);
  return next;
}

/** Nothing more is asked, or only what may be missing. */
function isDone(open: Open): boolean {
  return open === null || (open.segment.kind === 'any-depth' && isDone(open.rest));
}

function orAll(open: ReadonlySet<Open>): ReadonlySet<Open> {
  return [...open].some(isDone) ? new Set([everything]) : open;
}

async function digestOf(place: Buffer): Promise<string> {
  const small = readAtOnce(place, { follow: true });
  if (small !== null) return digestOfBytes(small);
  try {
    await using file = await open(place, constants.O_RDONLY | constants.O_NONBLOCK);
    return `sha256:${(await copyHashed(file, null)).sha256}`;
  } catch (error) {
    if (isClosed(error)) return 'unreadable';
    throw error;
  }
}

function goneIsNothing(error: unknown): void {
  if (!['ENOENT', 'ENOTDIR', 'ELOOP'].includes(systemCode(error) ?? '')) throw error;
}

function isClosed(error: unknown): boolean {
  return ['EACCES', 'EPERM'].includes(systemCode(error) ?? '');
}
