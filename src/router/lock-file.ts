import { open, rm, stat } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';

/** What is done under the lock takes milliseconds (at most the two seconds of one question); an older file is a dead one's. */
const abandonedMs = 10_000;
const againMs = 20;

/** Runs `work` while no other process does so under the same path. Rejects as `work` does, or when the file cannot be made. */
export async function withLockFile<T>(path: string, work: () => Promise<T>): Promise<T> {
  while (!(await claimed(path))) await wait(againMs);
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function claimed(path: string): Promise<boolean> {
  try {
    await (await open(path, 'wx', 0o600)).close();
    return true;
  } catch (error) {
    if ((error as { code?: string }).code !== 'EEXIST') throw error;
    if (await isAbandoned(path)) await rm(path, { force: true });
    return false;
  }
}

/** By the wall clock, as the file system's times are: no decision about traffic hangs on it. */
async function isAbandoned(path: string): Promise<boolean> {
  try {
    return Date.now() - (await stat(path)).mtimeMs > abandonedMs;
  } catch {
    return false;
  }
}
