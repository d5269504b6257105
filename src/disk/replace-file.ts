import { randomBytes } from 'node:crypto';
import { closeSync, fsync, openSync, renameSync, rmSync, writeFile, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

const synced = promisify(fsync);
const written = promisify(writeFile);
/** So much the kernel takes at once; the thread pool takes longer for the asking, and a small file is all but its syncs. */
const mostAtOnce = 262_144;

/**
 * Replaces a file so that a crash at any moment leaves the old content or the new, never a part: temporary file in the same
 * directory → fsync → rename → fsync of the directory. Rejects with the error of the file system; nothing has changed then.
 * `mode` defaults to 0o600.
 */
export async function replaceFile(
  path: string,
  content: string | Uint8Array,
  options: { readonly mode?: number } = {},
): Promise<void> {
  const temporary = `${path}.${process.pid}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const file = openSync(temporary, 'wx', options.mode ?? 0o600);
    try {
      if (content.length > mostAtOnce) await written(file, content);
      else writeFileSync(file, content);
      await synced(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  await syncDirectory(dirname(path));
}

/** Makes a rename in the directory durable. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = openSync(directory, 'r');
  try {
    await synced(handle);
  } finally {
    closeSync(handle);
  }
}
