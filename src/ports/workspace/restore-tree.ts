import { randomUUID } from 'node:crypto';
import { chmod, lstat, mkdir, readdir, rename, symlink } from 'node:fs/promises';
import { removeTree } from '../artifact/remove-tree.ts';
import { type BytePath, below, onDisk, parentOf } from './byte-path.ts';
import type { ContentStore } from './content-store.ts';
import { type Entry, type FileEntry, isSameEntry } from './entry.ts';
import { modeOf } from './scan.ts';
import { restoreIncomplete } from './workspace-error.ts';

export interface TreeToRestore {
  readonly root: string;
  /** How it shall be, in order. */
  readonly wanted: readonly Entry[];
  /** How it is, as far as it could be seen. */
  readonly found: ReadonlyMap<BytePath, Entry>;
  /** What is neither wanted nor removed. */
  readonly specials: ReadonlySet<BytePath>;
  readonly except: BytePath | null;
  readonly contents: ContentStore;
}

/**
 * Makes the folder what is wanted; returns what was touched. Each directory is seen to be a real one before anything in it is
 * touched, files are written beside their place and moved in, and directories are open to the owner until all is there: killed
 * at any moment it can be run again.
 */
export async function restoreTree(tree: TreeToRestore): Promise<ReadonlySet<BytePath>> {
  const touched = new Set<BytePath>();
  const held = Map.groupBy(tree.wanted, ({ path }) => parentOf(path));
  for (const entry of tree.wanted) {
    const before = tree.found.get(entry.path);
    if (before === undefined || !isSameEntry(before, entry)) touched.add(entry.path);
    if (entry.type === 'symlink') await ensureLink(tree, entry, before);
    if (entry.type === 'file') await ensureFile(tree, entry, before);
    if (entry.type !== 'dir') continue;
    await ensureDirectory(tree, entry.path);
    const wanted = new Set(held.get(entry.path)?.map(({ path }) => path));
    for (const path of await removeStrangers(tree, entry.path, wanted)) touched.add(path);
  }
  await setDirectoryModes(tree);
  return touched;
}

async function ensureDirectory({ root, ...tree }: TreeToRestore, path: BytePath): Promise<void> {
  const place = onDisk(root, path);
  const stats = await lstat(place, { bigint: true }).catch(missingIsNull);
  if (stats?.isDirectory()) {
    if ((modeOf(stats) & 0o700) !== 0o700) await chmod(place, modeOf(stats) | 0o700);
    return;
  }
  await removeSafely({ root, except: tree.except }, path);
  await mkdir(place, { recursive: path === '', mode: 0o700 });
}

async function removeStrangers(
  tree: TreeToRestore,
  directory: BytePath,
  wanted: ReadonlySet<BytePath>,
): Promise<readonly BytePath[]> {
  const strangers: BytePath[] = [];
  for (const name of await readdir(onDisk(tree.root, directory), { encoding: 'latin1' })) {
    const path = below(directory, name);
    if (wanted.has(path) || path === tree.except) continue;
    if (tree.specials.has(path) && (await isSpecial(onDisk(tree.root, path)))) continue;
    await removeSafely(tree, path);
    strangers.push(path);
  }
  return strangers;
}

async function isSpecial(place: Buffer): Promise<boolean> {
  const stats = await lstat(place).catch(missingIsNull);
  return stats !== null && !stats.isFile() && !stats.isDirectory() && !stats.isSymbolicLink();
}

async function ensureLink(
  tree: TreeToRestore,
  entry: Extract<Entry, { type: 'symlink' }>,
  before: Entry | undefined,
): Promise<void> {
  if (before !== undefined && isSameEntry(before, entry)) return;
  await removeSafely(tree, entry.path);
  await symlink(Buffer.from(entry.target, 'latin1'), onDisk(tree.root, entry.path));
}

async function ensureFile(tree: TreeToRestore, entry: FileEntry, before: Entry | undefined): Promise<void> {
  const place = onDisk(tree.root, entry.path);
  if (before?.type === 'file' && before.sha256 === entry.sha256) {
    if (before.mode !== entry.mode) await chmod(place, entry.mode);
    return;
  }
  const temporary = onDisk(tree.root, below(parentOf(entry.path), `.sluice-restoring-${randomUUID()}`));
  try {
    await tree.contents.copyTo(entry.sha256, temporary);
    await chmod(temporary, entry.mode);
    if (before?.type !== 'file') await removeSafely(tree, entry.path);
    await rename(temporary, place);
  } catch (error) {
    await removeTree(temporary);
    throw error;
  }
}

/** Deepest first, because a directory that may not be entered hides what is below it. */
async function setDirectoryModes({ root, wanted }: TreeToRestore): Promise<void> {
  for (const entry of wanted.toReversed()) {
    if (entry.type !== 'dir') continue;
    const place = onDisk(root, entry.path);
    if (modeOf(await lstat(place, { bigint: true })) !== entry.mode) await chmod(place, entry.mode);
  }
}

/** The state directory is never removed, nor a directory that holds it. */
async function removeSafely(
  { root, except }: Pick<TreeToRestore, 'root' | 'except'>,
  path: BytePath,
): Promise<void> {
  const holds = except !== null && (except === path || except.startsWith(path === '' ? '' : `${path}/`));
  if (holds && (await lstat(onDisk(root, path)).catch(missingIsNull)) !== null) {
    throw restoreIncomplete(
      `${onDisk(root, path)} was not there before, and cannot go because it holds the state directory.`,
    );
  }
  await removeTree(onDisk(root, path));
}

/** Where a file stands in place of a directory, what was below it is missing too. */
function missingIsNull(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
  throw error;
}
