import { matchesSegment, parseGlob, type Segment } from '../workspace/glob.ts';

export interface GlobMatcher {
  /** The path, or a folder that it lies in, is what a glob asks for. */
  fits(path: string): boolean;
  /** Something that fits may lie below the path, or does so already. */
  leadsOn(path: string): boolean;
}

/** Matches relative paths with `/`; in the globs by which digests are taken too. Throws `glob-unusable`. */
export function globMatcher(globs: readonly string[], ignoreCase = false): GlobMatcher {
  const folded = (text: string) => (ignoreCase ? text.toLowerCase() : text);
  const asked = globs.flatMap((glob) => parseGlob(folded(glob))).filter((segments) => segments.length > 0);
  const walked = (path: string) => {
    const names = folded(path).split('/');
    return asked.map((segments) => walk(segments, names));
  };
  return {
    fits: (path) => walked(path).includes('fits'),
    leadsOn: (path) => walked(path).some((end) => end !== 'no'),
  };
}

/** Follows all ways through the segments at once: one step for each name. */
function walk(segments: readonly Segment[], names: readonly string[]): 'fits' | 'leads-on' | 'no' {
  let open: ReadonlySet<number> = new Set([0]);
  for (const name of names) {
    open = new Set([...open].flatMap((at) => after(segments, at, name)));
    if (open.has(segments.length)) return 'fits';
  }
  return open.size > 0 ? 'leads-on' : 'no';
}

/** Where a name leads from there; `**` takes it and stays, or lets the next segment have it, and may stand for nothing at the end. */
function after(segments: readonly Segment[], at: number, name: string): readonly number[] {
  const segment = segments[at];
  if (segment === undefined) return [];
  if (segment.kind === 'any-depth') {
    return at + 1 === segments.length ? [segments.length] : [at, ...after(segments, at + 1, name)];
  }
  if (!matchesSegment(name, segment)) return [];
  const rest = segments.slice(at + 1);
  return [rest.length > 0 && rest.every(({ kind }) => kind === 'any-depth') ? segments.length : at + 1];
}
