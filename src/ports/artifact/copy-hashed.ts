import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** What was read, and what the file was before and after. */
export interface HashedBytes {
  readonly sha256: string;
  readonly size: number;
}

const chunkBytes = 256 * 1024;

/**
 * Opens a regular file for reading. It follows no link in the last name and does not wait on a pipe; a file of another
 * kind that took its place gives null.
 */
export async function openRegular(path: string): Promise<FileHandle | null> {
  let handle: FileHandle;
  try {
    handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (['ELOOP', 'ENXIO'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  return null;
}

/** Reads `from` to its end, hashing; writes the same bytes to `to` when one is given. */
export async function copyHashed(from: FileHandle, to: FileHandle | null): Promise<HashedBytes> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(chunkBytes);
  let size = 0;
  for (;;) {
    const { bytesRead } = await from.read(buffer, 0, chunkBytes, size);
    if (bytesRead === 0) return { sha256: hash.digest('hex'), size };
    const chunk = buffer.subarray(0, bytesRead);
    hash.update(chunk);
    if (to !== null) await writeAll(to, chunk);
    size += bytesRead;
  }
}

/** Null when there is no regular file at `path`. */
export async function hashFile(path: string): Promise<HashedBytes | null> {
  let handle: FileHandle | null = null;
  try {
    handle = await openRegular(path);
    return handle === null ? null : await copyHashed(handle, null);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  } finally {
    await handle?.close();
  }
}

async function writeAll(to: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await to.write(bytes, done, bytes.length - done)).bytesWritten;
  }
}
