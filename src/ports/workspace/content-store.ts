import { hash, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, lstat, mkdir, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { missingIsNull } from '../../disk/missing-is-null.ts';
import { copyHashed, type HashedBytes, hashFile } from '../artifact/copy-hashed.ts';

/** Contents of files, named by the SHA-256 of their bytes: `<directory>/<first two digits>/<all digits>`. */
export interface ContentStore {
  /** Keeps what the file of about `size` bytes holds now: a clone where it is large and the disk can, else a copy. */
  keep(source: Buffer, size: number): Promise<HashedBytes>;
  /** Reads every byte. */
  check(wanted: HashedBytes): Promise<'ok' | 'missing' | 'changed'>;
  /** Makes the new file `target` of it, open to nobody but its owner. */
  copyTo(sha256: string, target: Buffer): Promise<void>;
  /** Which there are. */
  names(): Promise<ReadonlySet<string>>;
  /** Removes all that are not in `keep`, and what a killed process left half done. */
  sweep(keep: ReadonlySet<string>): Promise<void>;
}

/** `staging` lies on the same disk, and is this store's own. */
export function openContentStore(directory: string, staging: string): ContentStore {
  const place = (sha256: string) => join(directory, sha256.slice(0, 2), sha256);
  return {
    async keep(source, size) {
      const copy = join(staging, randomUUID());
      try {
        const kept = await (size <= small ? copySmall(source, copy, place) : copyLarge(source, copy));
        // One that is there is not replaced, because file systems write such a file to the disk at once.
        if (await isThere(place(kept.sha256), kept.size)) await rm(copy, { force: true });
        else await renameInto(copy, place(kept.sha256));
        return kept;
      } catch (error) {
        await rm(copy, { force: true });
        throw error;
      }
    },
    async check(wanted) {
      const found = await hashFile(place(wanted.sha256));
      if (found === null) return 'missing';
      return found.sha256 === wanted.sha256 && found.size === wanted.size ? 'ok' : 'changed';
    },
    copyTo: (sha256, target) =>
      copyFile(place(sha256), target, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL),
    names: () => namesBelow(directory),
    async sweep(keep) {
      for (const name of await namesBelow(directory)) if (!keep.has(name)) await rm(place(name));
      for (const name of await readdir(staging)) await rm(join(staging, name), { force: true });
    },
  };
}

/** Below this many bytes a file is read into memory, and not copied at all when its content is there already. */
const small = 262_144;

async function copySmall(
  source: Buffer,
  copy: string,
  place: (sha256: string) => string,
): Promise<HashedBytes> {
  await using file = await open(source, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  const bytes = await file.readFile();
  const read = { sha256: hash('sha256', bytes), size: bytes.length };
  if (!(await isThere(place(read.sha256), read.size)))
    await writeFile(copy, bytes, { mode: 0o600, flag: 'wx' });
  return read;
}

/** It is named after what was copied, whatever is written to the source meanwhile. */
async function copyLarge(source: Buffer, copy: string): Promise<HashedBytes> {
  await copyFile(source, copy, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
  await using file = await open(copy, constants.O_RDONLY | constants.O_NOFOLLOW);
  // Whatever mode the source has.
  await file.chmod(0o600);
  return await copyHashed(file, null);
}

async function isThere(path: string, size: number): Promise<boolean> {
  return (await lstat(path).catch(missingIsNull))?.size === size;
}

async function renameInto(from: string, to: string): Promise<void> {
  const moved = await rename(from, to).catch(missingIsNull);
  if (moved !== null) return;
  await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  await rename(from, to);
}

async function namesBelow(directory: string): Promise<ReadonlySet<string>> {
  const shards = await readdir(directory);
  const names = await Promise.all(shards.map((shard) => readdir(join(directory, shard))));
  return new Set(names.flat());
}
