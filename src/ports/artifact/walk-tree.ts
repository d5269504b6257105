import type { BigIntStats } from 'node:fs';
import { lstat, readdir, readlink, realpath } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { SluiceError } from '../../base/sluice-error.ts';
import { artifactError, systemCode, unstable } from './artifact-error.ts';
import { linkLeavesTree } from './link-leaves-tree.ts';

/** What a walk saw, before any file was read. `stamp` changes when the entry does. */
export type FoundEntry =
  | { readonly type: 'dir'; readonly path: string; readonly mode: number; readonly stamp: string }
  | {
      readonly type: 'file';
      readonly path: string;
      readonly mode: number;
      readonly stamp: string;
      /** Where its bytes lie on this machine. */
      readonly source: string;
    }
  | { readonly type: 'symlink'; readonly path: string; readonly target: string; readonly stamp: string };

/**
 * Everything below `top`, or the one file that it is. `top` may itself be a symbolic link: the person named it. Below it
 * no link is followed. Rejects with `artifact-path-missing`, `artifact-empty`, `artifact-link-escapes`,
 * `artifact-special-file`, `artifact-name-unusable`, `artifact-unreadable` or `artifact-unstable`.
 */
export async function walkTree(top: string): Promise<readonly FoundEntry[]> {
  const root = await realTop(top);
  const stats = await lstat(root, { bigint: true });
  if (stats.isFile()) return [fileEntry(basename(top), root, stats)];
  if (!stats.isDirectory()) throw special(top);
  const found: FoundEntry[] = [];
  await walkDirectory(root, '', found);
  if (found.length === 0) throw empty(top);
  refuseEscapes(top, found);
  return found;
}

/** Identity, size and times of a file: differs after any write, replacement or change of mode. */
export function stampOf(stats: BigIntStats): string {
  return [stats.dev, stats.ino, stats.size, stats.mode, stats.mtimeNs, stats.ctimeNs].join(':');
}

async function realTop(top: string): Promise<string> {
  try {
    return await realpath(top);
  } catch (error) {
    if (!['ENOENT', 'ENOTDIR', 'ELOOP'].includes(systemCode(error) ?? '')) throw artifactError(error, top);
    throw new SluiceError({
      code: 'artifact-path-missing',
      message: `There is nothing at ${top}.`,
      remedy: 'Build first, or name the directory or file that the build wrote.',
      cause: error,
    });
  }
}

async function walkDirectory(root: string, below: string, found: FoundEntry[]): Promise<void> {
  for (const bytes of await settled(root, below, () => readdir(join(root, below), { encoding: 'buffer' }))) {
    const name = utf8(bytes, join(root, below));
    const path = below === '' ? name : `${below}/${name}`;
    const entry = await settled(root, path, () => describe(root, path));
    found.push(entry);
    if (entry.type === 'dir') await walkDirectory(root, path, found);
  }
}

async function describe(root: string, path: string): Promise<FoundEntry> {
  const source = join(root, path);
  const stats = await lstat(source, { bigint: true });
  if (stats.isFile()) return fileEntry(path, source, stats);
  // Times of a directory also change when a file in it comes and goes again; its listing is compared instead.
  const mode = modeOf(stats);
  if (stats.isDirectory()) return { type: 'dir', path, mode, stamp: String(mode) };
  if (!stats.isSymbolicLink()) throw special(source);
  const target = utf8(await readlink(source, { encoding: 'buffer' }), source);
  return { type: 'symlink', path, target, stamp: target };
}

/** An entry that was listed and is gone, or is something else, means that somebody is still building. */
async function settled<T>(root: string, path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const gone = ['ENOENT', 'ENOTDIR', 'EINVAL'].includes(systemCode(error) ?? '');
    throw gone ? unstable(join(root, path)) : artifactError(error, join(root, path));
  }
}

function fileEntry(path: string, source: string, stats: BigIntStats): FoundEntry {
  return { type: 'file', path, source, mode: modeOf(stats), stamp: stampOf(stats) };
}

function modeOf(stats: BigIntStats): number {
  return Number(stats.mode & 0o7777n);
}

function refuseEscapes(top: string, found: readonly FoundEntry[]): void {
  const links = new Map(
    found.filter((entry) => entry.type === 'symlink').map((entry) => [entry.path, entry.target]),
  );
  for (const [path, target] of links) {
    if (!linkLeavesTree(path, links)) continue;
    throw new SluiceError({
      code: 'artifact-link-escapes',
      message: `The symbolic link ${join(top, path)} leads to ${target}, which is outside the artifact.`,
      remedy: 'Copy what it leads to into the build output, or make it a relative link that stays inside.',
    });
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function utf8(bytes: Uint8Array, where: string): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new SluiceError({
      code: 'artifact-name-unusable',
      message: `A name in ${where} is not UTF-8: ${JSON.stringify(Buffer.from(bytes).toString('latin1'))}.`,
      remedy: 'Rename it; any UTF-8 name is kept as it is.',
      cause,
    });
  }
}

function special(path: string): SluiceError {
  return new SluiceError({
    code: 'artifact-special-file',
    message: `${path} is a socket, pipe or device.`,
    remedy: 'An artifact holds files, directories and symbolic links; remove it from the build output.',
  });
}

function empty(path: string): SluiceError {
  return new SluiceError({
    code: 'artifact-empty',
    message: `${path} is an empty directory.`,
    remedy: 'Build first, or name the directory that the build writes to.',
  });
}
