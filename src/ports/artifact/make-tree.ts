import { randomUUID } from 'node:crypto';
import { chmod, lstat, mkdir, readdir, readlink, rename, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemCode } from './artifact-error.ts';
import type { BlobStore } from './blob-store.ts';
import { hashFile } from './copy-hashed.ts';
import type { FileEntry, Manifest } from './manifest.ts';
import { removeTree } from './remove-tree.ts';

/** The first file whose bytes could not be had, and what was wrong with them. */
export interface BadBlob {
  readonly path: string;
  readonly is: 'missing' | 'changed';
}

/**
 * Makes the directory `root` hold exactly what the manifest says: what is right stays as it is, what differs is replaced,
 * what is too much goes. Parents come before what they hold and each is seen to be a real directory first, and files are
 * written beside the tree and moved in, so that no link in the tree is ever written through.
 */
export async function makeTree(
  root: string,
  manifest: Manifest,
  from: { readonly blobs: BlobStore; readonly scratch: string },
): Promise<BadBlob | null> {
  await ensureDirectory(root, 0o700);
  await removeStrangers(root, manifest);
  for (const entry of manifest.entries) {
    const path = join(root, entry.path);
    if (entry.type === 'dir') await ensureDirectory(path, entry.mode | 0o700);
    if (entry.type === 'symlink') await ensureLink(path, entry.target);
    const bad = entry.type === 'file' ? await ensureFile(path, entry, from) : null;
    if (bad !== null) return { path: entry.path, is: bad };
  }
  await setDirectoryModes(root, manifest);
  return null;
}

async function ensureDirectory(path: string, mode: number): Promise<void> {
  const stats = await statsOf(path);
  if (stats?.isDirectory() !== true) {
    await removeTree(path);
    await mkdir(path, { mode: 0o700 });
  }
  if (stats?.isDirectory() !== true || (stats.mode & 0o700) !== 0o700) await chmod(path, mode);
}

async function ensureLink(path: string, target: string): Promise<void> {
  const stats = await statsOf(path);
  if (stats?.isSymbolicLink() === true && (await readlink(path)) === target) return;
  await removeTree(path);
  await symlink(target, path);
}

async function ensureFile(
  path: string,
  entry: FileEntry,
  { blobs, scratch }: { readonly blobs: BlobStore; readonly scratch: string },
): Promise<'missing' | 'changed' | null> {
  const stats = await statsOf(path);
  if (stats?.isFile() && (stats.mode & 0o7777) === entry.mode && (await holds(path, entry))) {
    return null;
  }
  const temporary = join(scratch, `.making-${randomUUID()}`);
  try {
    const copied = await blobs.copyTo(entry, temporary, entry.mode);
    if (copied !== 'ok') return copied;
    if (stats?.isDirectory() === true) await removeTree(path);
    await rename(temporary, path);
    return null;
  } finally {
    await removeTree(temporary);
  }
}

async function holds(path: string, entry: FileEntry): Promise<boolean> {
  try {
    const found = await hashFile(path);
    return found !== null && found.sha256 === entry.sha256 && found.size === entry.size;
  } catch (error) {
    // A file that its mode forbids to read cannot be compared; it is written anew.
    if (systemCode(error) === 'EACCES') return false;
    throw error;
  }
}

async function removeStrangers(root: string, manifest: Manifest): Promise<void> {
  const known = new Set(manifest.entries.map((entry) => entry.path));
  const directories = [
    '',
    ...manifest.entries.filter((entry) => entry.type === 'dir').map((entry) => entry.path),
  ];
  for (const directory of directories) {
    if (!(await isRealDirectory(root, directory))) continue;
    // As bytes, because a name that is not UTF-8 would not be found again by what it decodes to.
    for (const name of await readdir(join(root, directory), { encoding: 'buffer' })) {
      const path = directory === '' ? name.toString() : `${directory}/${name}`;
      const whole = Buffer.concat([Buffer.from(join(root, directory, '/')), name]);
      if (!known.has(path)) await removeTree(whole);
    }
  }
}

/** Also opens it for its owner. False when it, or a directory above it, is a link or is not there. */
async function isRealDirectory(root: string, directory: string): Promise<boolean> {
  for (let at = directory; at !== '' && at !== '.'; at = dirname(at)) {
    if ((await statsOf(join(root, at)))?.isDirectory() !== true) return false;
  }
  const stats = await lstat(join(root, directory));
  if ((stats.mode & 0o700) !== 0o700) await chmod(join(root, directory), (stats.mode & 0o7777) | 0o700);
  return true;
}

/** Deepest first, because a directory that may not be entered hides what is below it. */
async function setDirectoryModes(root: string, manifest: Manifest): Promise<void> {
  const directories = manifest.entries.filter((entry) => entry.type === 'dir');
  for (const { path, mode } of directories.reverse()) {
    const stats = await lstat(join(root, path));
    if ((stats.mode & 0o7777) !== mode) await chmod(join(root, path), mode);
  }
}

async function statsOf(path: string) {
  try {
    return await lstat(path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return null;
    throw error;
  }
}
