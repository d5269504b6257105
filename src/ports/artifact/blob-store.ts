import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { missingIsNone } from '../../disk/missing-is-none.ts';
import { missingIsNull } from '../../disk/missing-is-null.ts';
import { syncDirectory } from '../../disk/replace-file.ts';
import { unstable } from './artifact-error.ts';
import { copyHashed, type HashedBytes, hashFile, openRegular } from './copy-hashed.ts';
import { stampOf } from './walk-tree.ts';

/** Files named by the SHA-256 of their bytes: `<directory>/<first two digits>/<all digits>`. */
export interface BlobStore {
  /** Opens a place for one add: nothing that is put there can be seen until it is published. */
  stage(): Promise<BlobStage>;
  /** Reads every byte. */
  check(wanted: HashedBytes): Promise<'ok' | 'missing' | 'changed'>;
  /** Writes a verified copy to the new file `path`; says what was wrong with the blob when it could not. */
  copyTo(wanted: HashedBytes, path: string, mode: number): Promise<'ok' | 'missing' | 'changed'>;
  /** Removes every blob that is not in `keep`. */
  sweep(keep: ReadonlySet<string>): Promise<void>;
}

export interface BlobStage {
  /** `stamp` is what the walk saw; a file that is another one by now, or changes meanwhile, is `artifact-unstable`. */
  put(source: string, stamp: string): Promise<HashedBytes>;
  publish(): Promise<void>;
  discard(): Promise<void>;
}

export function openBlobStore(directory: string, stagingDirectory: string): BlobStore {
  const blobPath = (sha256: string) => join(directory, sha256.slice(0, 2), sha256);
  return {
    stage: () => openStage(blobPath, stagingDirectory),
    async check(wanted) {
      const found = await hashFile(blobPath(wanted.sha256));
      if (found === null) return 'missing';
      return same(found, wanted) ? 'ok' : 'changed';
    },
    copyTo: (wanted, path, mode) => copyOut(blobPath(wanted.sha256), wanted, path, mode),
    async sweep(keep) {
      for (const name of await namesBelow(directory)) {
        if (!keep.has(name)) await rm(blobPath(name), { force: true });
      }
    },
  };
}

async function openStage(blobPath: (sha256: string) => string, parent: string): Promise<BlobStage> {
  const directory = join(parent, randomUUID());
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const staged = new Map<string, Promise<void>>();
  return {
    async put(source, stamp) {
      const read = await readStable(source, stamp, null);
      const already = staged.get(read.sha256);
      const staging = already ?? stageUnlessStored(blobPath(read.sha256), directory, read, { source, stamp });
      staged.set(read.sha256, staging);
      await staging;
      return read;
    },
    async publish() {
      const names = await readdir(directory);
      const shards = new Set(names.map((name) => dirname(blobPath(name))));
      for (const shard of shards) await mkdir(shard, { recursive: true, mode: 0o700 });
      for (const name of names) await rename(join(directory, name), blobPath(name));
      for (const shard of shards) await syncDirectory(shard);
    },
    discard: () => rm(directory, { recursive: true, force: true }),
  };
}

/** A stored blob that is sound is used again; one that was damaged is replaced when the add is published. */
async function stageUnlessStored(
  stored: string,
  directory: string,
  wanted: HashedBytes,
  from: { readonly source: string; readonly stamp: string },
): Promise<void> {
  const found = await hashFile(stored);
  if (found !== null && same(found, wanted)) return;
  const path = join(directory, wanted.sha256);
  const to = await open(path, 'wx', 0o600);
  try {
    if (!same(await readStable(from.source, from.stamp, to), wanted)) throw unstable(from.source);
    await to.sync();
  } finally {
    await to.close();
  }
}

async function readStable(source: string, stamp: string, to: FileHandle | null): Promise<HashedBytes> {
  const from = await openRegular(source);
  if (from === null) throw unstable(source);
  try {
    const before = stampOf(await from.stat({ bigint: true }));
    const read = await copyHashed(from, to);
    const after = await from.stat({ bigint: true });
    if (before !== stamp || stampOf(after) !== stamp || BigInt(read.size) !== after.size)
      throw unstable(source);
    return read;
  } finally {
    await from.close();
  }
}

async function copyOut(blob: string, wanted: HashedBytes, path: string, mode: number) {
  const from = await openRegular(blob).catch(missingIsNull);
  if (from === null) return 'missing' as const;
  try {
    const to = await open(path, 'wx', 0o600);
    try {
      if (!same(await copyHashed(from, to), wanted)) return 'changed' as const;
      await to.chmod(mode);
      return 'ok' as const;
    } finally {
      await to.close();
    }
  } finally {
    await from.close();
  }
}

function same(a: HashedBytes, b: HashedBytes): boolean {
  return a.sha256 === b.sha256 && a.size === b.size;
}

async function namesBelow(directory: string): Promise<readonly string[]> {
  const names = await readdir(directory, { recursive: true, withFileTypes: true }).catch(missingIsNone);
  return names.filter((entry) => !entry.isDirectory()).map((entry) => entry.name);
}
