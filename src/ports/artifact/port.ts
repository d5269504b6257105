import type { Digest } from '../../base/digest.ts';
import type { ServiceName, UnitId } from '../../base/ids.ts';

/** What is known of a stored artifact. One digest may be recorded for several units: `units` lists them in order. */
export interface ArtifactRecord {
  readonly digest: Digest;
  readonly service: ServiceName;
  readonly units: readonly UnitId[];
  /** From `--version`, else the `version` of a package.json at the top, else null. */
  readonly version: string | null;
  /** Full commit id, null when none was given and none could be read. */
  readonly commit: string | null;
  /** The tree it was built from had changes that no commit holds: `commit` then proves nothing. */
  readonly dirty: boolean;
  readonly files: number;
  readonly bytes: number;
  readonly addedAt: number;
  readonly addedBy: string;
}

export interface ArtifactInput {
  /** Directory or file. */
  readonly path: string;
  readonly service: ServiceName;
  readonly unit: UnitId;
  readonly version: string | null;
  readonly commit: string | null;
  readonly dirty: boolean;
  readonly at: number;
  readonly by: string;
}

export interface PruneOptions {
  /** Asked right before each removal, so that it may answer from what is true at that moment. */
  readonly keep: Pick<ReadonlySet<Digest>, 'has'>;
  readonly olderThanMs: number;
  readonly at: number;
  /** Instances whose directories stay; of all others those go that are a day old. Default: all stay. */
  readonly instances?: Pick<ReadonlySet<string>, 'has'>;
}

/** Content-addressed store of build outputs. */
export interface ArtifactStore {
  /** Adding the same content again only records the unit. Rejects with `artifact-…` codes. */
  add(input: ArtifactInput): Promise<ArtifactRecord>;
  find(digest: Digest): Promise<ArtifactRecord | null>;
  /** Newest first. */
  list(filter: {
    readonly service?: ServiceName;
    readonly unit?: UnitId;
  }): Promise<readonly ArtifactRecord[]>;
  /** Reads every byte again. `artifact-missing` or `artifact-changed` (names the first file that differs) as values. */
  verify(
    digest: Digest,
  ): Promise<{ readonly ok: true } | { readonly ok: false; readonly code: string; readonly reason: string }>;
  /**
   * A directory with exactly the artifact's content for an instance to run in, made from verified bytes; the same call
   * again gives the same directory, repaired if a byte was changed. Rejects with `artifact-changed`, `artifact-missing`.
   */
  materialise(digest: Digest, instance: string): Promise<string>;
  /** Removes the directory of an instance that is gone. */
  release(instance: string): Promise<void>;
  /** Removes artifacts that are neither in `keep` nor younger than `olderThanMs`. Returns what went: nothing during an add. */
  prune(options: PruneOptions): Promise<readonly Digest[]>;
}
