import type { BigIntStats } from 'node:fs';
import { chmod, lstat, readdir, readlink } from 'node:fs/promises';
import { eachLimited } from '../artifact/each-limited.ts';
import { type BytePath, below, onDisk } from './byte-path.ts';
import { type Entry, type FileEntry, inOrder } from './entry.ts';

export interface Scan {
  /** In order. */
  readonly entries: readonly Entry[];
  /** Sockets, pipes and devices, which are no part of a workspace. */
  readonly specials: ReadonlySet<BytePath>;
}

export interface ScanOptions {
  /** Left out with all that it holds, wherever it lies. */
  readonly except: BytePath | null;
  /** Tells what a regular file holds; it may be read. */
  readonly read: (file: FoundFile) => Promise<Pick<FileEntry, 'sha256' | 'size'>>;
}

export interface FoundFile {
  readonly path: BytePath;
  readonly onDisk: Buffer;
  readonly stats: BigIntStats;
}

const atOnce = 16;

/**
 * Everything below `root`, the root included; no link is followed. What its mode closes to the owner is opened for as long as
 * it is read. What
 * goes away meanwhile is not there. Rejects with the error of the file system when something cannot be read.
 */
export async function scan(root: string, options: ScanOptions): Promise<Scan> {
  const found: Entry[] = [];
  const specials = new Set<BytePath>();
  const look = async (path: BytePath, directories: [BytePath, BigIntStats][]) => {
    if (path === options.except) return;
    const place = onDisk(root, path);
    const stats = await lstat(place, { bigint: true });
    const mode = modeOf(stats);
    if (stats.isDirectory()) directories.push([path, stats]);
    else if (stats.isSymbolicLink()) {
      found.push({ type: 'symlink', path, target: await readlink(place, { encoding: 'latin1' }) });
    } else if (stats.isFile()) {
      const file = { path, onDisk: place, stats };
      const read = await whileOpen(place, stats, 0o400, () => options.read(file));
      found.push({ type: 'file', path, mode, size: read.size, sha256: read.sha256 });
    } else specials.add(path);
  };
  const enter = async (path: BytePath, stats: BigIntStats): Promise<void> => {
    found.push({ type: 'dir', path, mode: modeOf(stats) });
    await whileOpen(onDisk(root, path), stats, 0o500, async () => {
      const names = await readdir(onDisk(root, path), { encoding: 'latin1' });
      const directories: [BytePath, BigIntStats][] = [];
      await eachLimited(names, atOnce, (name) => look(below(path, name), directories).catch(goneIsNothing));
      for (const [directory, itsStats] of directories) await enter(directory, itsStats).catch(goneIsNothing);
    });
  };
  await enter('', await lstat(onDisk(root, ''), { bigint: true }));
  return { entries: inOrder(found), specials };
}

export function modeOf(stats: BigIntStats): number {
  return Number(stats.mode & 0o7777n);
}

/** Gives the owner `bits` for the time of the work, where the mode withholds them. Nothing is withheld from the superuser. */
async function whileOpen<T>(
  place: Buffer,
  stats: BigIntStats,
  bits: number,
  work: () => Promise<T>,
): Promise<T> {
  const mode = modeOf(stats);
  const user = process.geteuid?.();
  if ((mode & bits) === bits || user === 0 || BigInt(user ?? -1) !== stats.uid) return work();
  await chmod(place, mode | bits);
  try {
    return await work();
  } finally {
    await chmod(place, mode);
  }
}

function goneIsNothing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
}
