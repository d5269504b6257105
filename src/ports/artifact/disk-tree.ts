import { chmod, lstat, mkdir, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Tree, TreeNode } from './memory.ts';

/** Writes a tree below `top`, which need not exist, with exact modes. For tests. */
export async function writeTree(top: string, tree: Tree): Promise<void> {
  await mkdir(top, { recursive: true });
  for (const [path, node] of Object.entries(tree)) {
    const whole = join(top, path);
    await mkdir(dirname(whole), { recursive: true });
    if (node.type === 'dir') await mkdir(whole, { recursive: true });
    if (node.type === 'symlink') await symlink(node.target, whole);
    if (node.type === 'file') await writeFile(whole, node.text);
  }
  const directoriesLast = Object.entries(tree).sort(([a], [b]) => b.length - a.length);
  for (const [path, node] of directoriesLast)
    if (node.type !== 'symlink') await chmod(join(top, path), node.mode);
}

/** Everything below `top`; null when it is not there. For tests. */
export async function readTree(top: string): Promise<Tree | null> {
  if (!(await lstat(top).catch(() => null))?.isDirectory()) return null;
  const tree: Record<string, TreeNode> = {};
  for (const path of (await readdir(top, { recursive: true })).sort()) {
    const stats = await lstat(join(top, path));
    const mode = stats.mode & 0o7777;
    if (stats.isSymbolicLink()) tree[path] = { type: 'symlink', target: await readlink(join(top, path)) };
    else if (stats.isDirectory()) tree[path] = { type: 'dir', mode };
    else tree[path] = { type: 'file', mode, text: await readFile(join(top, path), 'utf8') };
  }
  return tree;
}

export async function overwrite(top: string, tree: Tree): Promise<void> {
  for (const path of Object.keys(tree)) await rm(join(top, path), { recursive: true, force: true });
  await writeTree(top, tree);
}
