import { randomUUID } from 'node:crypto';
import { lstat, mkdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Digest } from '../../base/digest.ts';
import { systemCode } from './artifact-error.ts';
import { makeTree } from './make-tree.ts';
import type { Manifest } from './manifest.ts';
import { removeTree } from './remove-tree.ts';
import { blobFault, type StoreParts } from './store-parts.ts';

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

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isDirectory();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw error;
  }
}
