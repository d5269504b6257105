import { constants } from 'node:fs';
import { lstat, open } from 'node:fs/promises';
import { copyHashed, type HashedBytes } from '../artifact/copy-hashed.ts';
import type { BytePath } from './byte-path.ts';
import { isSettled, stampOf } from './file-stamp.ts';
import type { FoundFile } from './scan.ts';
import type { SnapshotRecord } from './snapshot-records.ts';

interface KnownFile {
  readonly stamp: string;
  readonly sha256: string;
}

/** What files hold, as far as they need not be read for it. */
export class KnownFiles {
  readonly #known = new Map<BytePath, KnownFile>();
  readonly #seen = new Map<BytePath, string>();
  readonly #nowNs: bigint;

  /** `nowNs`: the time of the file system, before any file is read. */
  constructor(nowNs: bigint) {
    this.#nowNs = nowNs;
  }

  learn({ entries, stamps }: SnapshotRecord, isKept: (sha256: string) => boolean): void {
    for (const entry of entries) {
      const stamp = stamps.get(entry.path);
      if (entry.type !== 'file' || stamp === undefined || !isKept(entry.sha256)) continue;
      this.#known.set(entry.path, { stamp, sha256: entry.sha256 });
    }
  }

  /** What the file holds; `readIt` is asked when that is not known. */
  async read(file: FoundFile, readIt: () => Promise<HashedBytes> = () => hashOf(file)): Promise<HashedBytes> {
    const stamp = stampOf(file.stats);
    const known = this.#known.get(file.path);
    if (known?.stamp === stamp) {
      this.#seen.set(file.path, stamp);
      return { sha256: known.sha256, size: Number(file.stats.size) };
    }
    const { sha256, size } = await readIt();
    const after = await lstat(file.onDisk, { bigint: true });
    if (isSettled(file.stats, this.#nowNs) && stampOf(after) === stamp) {
      this.#known.set(file.path, { stamp, sha256 });
      this.#seen.set(file.path, stamp);
    }
    return { sha256, size };
  }

  /** Of the files that were met and can be known again. */
  stamps(): ReadonlyMap<BytePath, string> {
    return this.#seen;
  }
}

/** A file of another kind that took its place meanwhile is neither followed nor waited for. */
async function hashOf({ onDisk }: FoundFile): Promise<HashedBytes> {
  await using file = await open(onDisk, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  return await copyHashed(file, null);
}
