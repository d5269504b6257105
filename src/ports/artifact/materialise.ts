import { randomUUID } from 'node:crypto';
import { lstat, mkdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Digest } from '../../base/digest.ts';
import { namesIn } from './addition-files.ts';
import { systemCode } from './artifact-error.ts';
import { makeTree } from './make-tree.ts';
import type { Manifest } from './manifest.ts';
import { removeTree } from './remove-tree.ts';
import { blobFault, type StoreParts } from './store-parts.ts';

/** After this long nothing that an add or a copy left half done can still be under way. */
const abandonedAfterMs = 24 * 3_600_000;

/**
 * A new directory is made beside its place and moved there when it is whole. One that is there is repaired where it is,
 * so that a process that has it as working directory keeps it.
 */
export async function materialiseIn(
  parts: StoreParts,
  manifest: Manifest,
  { digest, directory }: { readonly digest: Digest; readonly directory: string },
): Promise<void> {
  const scratch = dirname(directory);
  await mkdir(scratch, { recursive: true, mode: 0o700 });
  const make = async (root: string) => {
    const bad = await makeTree(root, manifest, { blobs: parts.blobs, scratch });
    if (bad !== null) throw blobFault(digest, bad.path, bad.is);
  };
  if (await isDirectory(directory)) return make(directory);
  const making = join(scratch, `.making-${randomUUID()}`);
  try {
    await make(making);
    await removeTree(directory);
    await rename(making, directory);
  } finally {
    await removeTree(making);
  }
}

/** Removes what crashed adds and copies left in `directories`. */
export async function removeLeftovers(directories: readonly string[], nowMs: number): Promise<void> {
  for (const directory of directories) {
    for (const name of await namesIn(directory)) {
      if (!leftover.test(name)) continue;
      const { mtimeMs } = await lstat(join(directory, name));
      if (nowMs - mtimeMs > abandonedAfterMs) await removeTree(join(directory, name));
    }
  }
}

/** An add's staging directory is a bare UUID. */
const leftover = /^(?:\.making-)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isDirectory();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw error;
  }
}
