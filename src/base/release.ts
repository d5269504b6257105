import type { Digest } from './digest.ts';
import type { ServiceName, UnitId } from './ids.ts';
import type { ServiceRun } from './service-run.ts';

/** An artifact plus the configuration it runs with, under a version. Immutable. */
export interface Release {
  readonly service: ServiceName;
  /** What people call it: the version of the artifact when it has one, else the short digest. */
  readonly version: string;
  readonly artifact: Digest;
  /** Digest of `run`. */
  readonly config: Digest;
  readonly run: ServiceRun;
  readonly unit: UnitId | null;
  /** Null when the tree was dirty or no repository was there. */
  readonly commit: string | null;
}
