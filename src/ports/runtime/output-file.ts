import { existsSync } from 'node:fs';
import { appendFile, type FileHandle, open, rename, stat, truncate, writeFile } from 'node:fs/promises';
import { missingIsNull } from '../../disk/missing-is-null.ts';
import { readAtOnce } from '../../disk/read-at-once.ts';

/** A process that prints without a pause is caught up with so many times. */
const mostRounds = 8;

/**
 * Keeps a file that a process appends to below about twice `mostBytes`: its tail becomes `<path>.1` and the file is cut
 * to nothing, because the process holds it open. What is written between the last look and the cut is lost.
 */
export async function rotate(path: string, mostBytes: number): Promise<void> {
  const size = await sizeOf(path);
  if (size <= mostBytes) return;
  await writeFile(`${path}.1.tmp`, await readRange(path, size - mostBytes, size), { mode: 0o600 });
  for (let [round, from, to] = [0, size, await sizeOf(path)]; to > from && round < mostRounds; round += 1) {
    await appendFile(`${path}.1.tmp`, await readRange(path, from, to));
    [from, to] = [to, await sizeOf(path)];
  }
  await truncate(path, 0);
  await rename(`${path}.1.tmp`, `${path}.1`);
}

/** The last bytes of the file and the one that was rotated out before it. Empty when there is none. */
export async function readOutput(path: string, bytes: number): Promise<string> {
  const small = existsSync(`${path}.1`) ? null : readAtOnce(path, { follow: true });
  if (small !== null) return small.subarray(-bytes).toString();
  const newest = await readTail(path, bytes);
  const older = newest.length < bytes ? await readTail(`${path}.1`, bytes - newest.length) : Buffer.alloc(0);
  return Buffer.concat([older, newest]).toString();
}

async function readTail(path: string, bytes: number): Promise<Buffer> {
  const size = await sizeOf(path);
  return readRange(path, Math.max(0, size - bytes), size);
}

async function readRange(path: string, from: number, to: number): Promise<Buffer> {
  const file = await open(path, 'r').catch(missingIsNull);
  if (file === null) return Buffer.alloc(0);
  await using open_: FileHandle = file;
  const { buffer, bytesRead } = await open_.read(Buffer.alloc(to - from), 0, to - from, from);
  return buffer.subarray(0, bytesRead);
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(missingIsNull))?.size ?? 0;
}
