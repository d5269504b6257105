import { randomBytes } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

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
    await using file = await open(temporary, 'wx', options.mode ?? 0o600);
    await file.writeFile(content);
    await file.sync();
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncDirectory(dirname(path));
}

/** Makes a rename in the directory durable. */
export async function syncDirectory(directory: string): Promise<void> {
  await using handle: FileHandle = await open(directory, 'r');
  await handle.sync();
}
