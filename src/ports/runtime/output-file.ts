import { type FileHandle, open, rename, stat, truncate, writeFile } from 'node:fs/promises';

/**
 * Keeps a file that a process appends to below about twice `mostBytes`: its tail becomes `<path>.1` and the file is cut
 * to nothing, because the process holds it open. What is written between the two steps is lost.
 */
export async function rotate(path: string, mostBytes: number): Promise<void> {
  const size = await sizeOf(path);
  if (size <= mostBytes) return;
  const tail = await readTail(path, mostBytes);
  await writeFile(`${path}.1.tmp`, tail, { mode: 0o600 });
  await truncate(path, 0);
  await rename(`${path}.1.tmp`, `${path}.1`);
}

/** The last bytes of the file and the one that was rotated out before it. Empty when there is none. */
export async function readOutput(path: string, bytes: number): Promise<string> {
  const newest = await readTail(path, bytes);
  const older = newest.length < bytes ? await readTail(`${path}.1`, bytes - newest.length) : Buffer.alloc(0);
  return Buffer.concat([older, newest]).toString();
}

async function readTail(path: string, bytes: number): Promise<Buffer> {
  const file = await open(path, 'r').catch(missingIsNull);
  if (file === null) return Buffer.alloc(0);
  await using open_: FileHandle = file;
  const { size } = await open_.stat();
  const length = Math.min(bytes, size);
  const { buffer, bytesRead } = await open_.read(Buffer.alloc(length), 0, length, size - length);
  return buffer.subarray(0, bytesRead);
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(missingIsNull))?.size ?? 0;
}

export function missingIsNull(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}
