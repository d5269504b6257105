import type { BigIntStats } from 'node:fs';
import { open } from 'node:fs/promises';

/** Identity, size and times of a file: whoever writes to it changes one of them. */
export function stampOf(stats: BigIntStats): string {
  return [stats.dev, stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join(':');
}

/** The coarsest times that a file system keeps are two seconds apart. */
const coarsestNs = 2_000_000_000n;

/**
 * Whether a stamp tells a later write for certain. A write within the same tick of the file system leaves the same times, so
 * that a file which was only just written when it was read must be read again. `nowNs`: before it was read.
 */
export function isSettled(stats: BigIntStats, nowNs: bigint): boolean {
  return stats.mtimeNs + coarsestNs < nowNs && stats.ctimeNs + coarsestNs < nowNs;
}

/** The time as the file system tells it, which is what stamps must be compared with. Writes to `path`. */
export async function fileSystemNow(path: string): Promise<bigint> {
  await using file = await open(path, 'w', 0o600);
  await file.write('now');
  return (await file.stat({ bigint: true })).mtimeNs;
}
