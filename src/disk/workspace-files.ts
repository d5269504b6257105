import { opendir } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

/** More than this is no folder of documents; what lies further in is not looked at. */
const most = 20_000;

/**
 * Files of a workspace and beside the given ones, by which links of documents are resolved: relative to `root`, with slashes.
 * Hidden folders and those of packages are left out.
 */
export async function workspaceFiles(root: string, files: readonly string[]): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const folder of new Set(files.map(dirname))) await addFiles(root, folder, found, 1);
  await addFiles(root, root, found, 12);
  return [...found];
}

async function addFiles(root: string, folder: string, found: Set<string>, depth: number): Promise<void> {
  const waiting: (readonly [folder: string, depth: number])[] = [[folder, depth]];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [place, left] = next;
    // A folder that may not be read holds no file that a document could link to.
    const entries = await opendir(place).catch(() => null);
    if (entries === null) continue;
    for await (const entry of entries) {
      if (found.size >= most) return;
      const path = join(place, entry.name);
      if (entry.isFile()) found.add(relative(root, path).replaceAll('\\', '/'));
      else if (entry.isDirectory() && left > 1 && !/^(?:\.|node_modules$)/.test(entry.name))
        waiting.push([path, left - 1]);
    }
  }
}
