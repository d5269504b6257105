import type { Digest } from '../../base/digest.ts';
import type { ServiceName, UnitId } from '../../base/ids.ts';
import type { ArtifactInput, ArtifactRecord, PruneOptions } from './port.ts';

/** What one `artifact add` said about a digest. There is one for each service and unit. */
export interface Addition {
  readonly digest: Digest;
  readonly service: ServiceName;
  readonly unit: UnitId;
  readonly version: string | null;
  readonly commit: string | null;
  readonly dirty: boolean;
  readonly files: number;
  readonly bytes: number;
  readonly addedAt: number;
  /** When it was last added; keeps it young for `prune`. */
  readonly lastAddedAt: number;
  readonly addedBy: string;
}

/**
 * The same bytes added again for the same service and unit: who added it first stays, and a clean commit takes the place
 * of what was known, because it proves where these very bytes come from. A dirty one takes nothing away.
 */
export function addAgain(earlier: Addition | null, now: Addition): Addition {
  if (earlier === null) return now;
  const lastAddedAt = Math.max(earlier.lastAddedAt, now.lastAddedAt);
  if (!provesCommit(now)) return { ...earlier, lastAddedAt };
  return { ...now, addedAt: earlier.addedAt, addedBy: earlier.addedBy, lastAddedAt };
}

/**
 * The record that additions of one digest make together; null without any. The first one speaks for it, except that the
 * first clean commit goes before a dirty or missing one. `units` lists `all` in order of time.
 */
export function recordOf(
  additions: readonly Addition[],
  all: readonly Addition[] = additions,
): ArtifactRecord | null {
  const ordered = [...additions].sort(byTime);
  const first = ordered[0];
  if (first === undefined) return null;
  const { commit, dirty } = ordered.find(provesCommit) ?? first;
  const version = ordered.find((addition) => addition.version !== null)?.version ?? null;
  const { digest, service, files, bytes, addedAt, addedBy } = first;
  const units = [...new Set([...all].sort(byTime).map((addition) => addition.unit))];
  return { digest, service, units, version, commit, dirty, files, bytes, addedAt, addedBy };
}

/** Records of the digests that fit `filter`, newest first. A record is told as the additions that fit it tell it. */
export function listRecords(
  additions: readonly (readonly Addition[])[],
  filter: { readonly service?: ServiceName; readonly unit?: UnitId },
): readonly ArtifactRecord[] {
  const fits = (addition: Addition) =>
    (filter.service === undefined || addition.service === filter.service) &&
    (filter.unit === undefined || addition.unit === filter.unit);
  return additions
    .map((all) => recordOf(all.filter(fits), all))
    .filter((record) => record !== null)
    .sort((a, b) => b.addedAt - a.addedAt || (a.digest < b.digest ? -1 : 1));
}

/** Whether `prune` may take `digest` with these additions: old at its last adding, and not kept. */
export function isPrunable(digest: Digest, additions: readonly Addition[], options: PruneOptions): boolean {
  const last = Math.max(...additions.map((addition) => addition.lastAddedAt));
  return !options.keep.has(digest) && options.at - last >= options.olderThanMs;
}

export function additionOf(
  input: ArtifactInput,
  content: Pick<Addition, 'digest' | 'version' | 'files' | 'bytes'>,
): Addition {
  const { service, unit, commit, dirty, at, by } = input;
  return { ...content, service, unit, commit, dirty, addedAt: at, lastAddedAt: at, addedBy: by };
}

/** The `version` of a package.json; null when it says none that can be shown on one line. */
export function versionIn(packageJson: string): string | null {
  try {
    const { version } = JSON.parse(packageJson.replace(/^\uFEFF/, '')) as { version?: unknown };
    return typeof version === 'string' && /^[!-~]{1,128}$/.test(version) ? version : null;
  } catch {
    // Somebody else's file: one that is not JSON, or holds `null`, only means that the artifact states no version.
    return null;
  }
}

function provesCommit(addition: Addition): boolean {
  return addition.commit !== null && !addition.dirty;
}

function byTime(a: Addition, b: Addition): number {
  return a.addedAt - b.addedAt || (a.unit < b.unit ? -1 : a.unit > b.unit ? 1 : 0);
}
