import { chmod, lstat, readdir, rm } from 'node:fs/promises';
import { systemCode } from './artifact-error.ts';

/** Removes whatever is at `path`; nothing there is fine. Directories that an artifact wants read-only do not hinder it. */
export async function removeTree(path: string | Buffer): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch (error) {
    if (!['EACCES', 'EPERM', 'ENOTEMPTY'].includes(systemCode(error) ?? '')) throw error;
    await openDirectories(path);
    await rm(path, { recursive: true, force: true });
  }
}

/** What the failed removal still takes away meanwhile need not be opened. */
async function openDirectories(path: string | Buffer): Promise<void> {
  try {
    if (!(await lstat(path)).isDirectory()) return;
    await chmod(path, 0o700);
    for (const name of await readdir(path, { encoding: 'buffer' })) {
      await openDirectories(Buffer.concat([Buffer.from(path), Buffer.from('/'), name]));
    }
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
}
