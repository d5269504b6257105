import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What is not there yet is made in the nearest directory above it. */
export async function writingProblem(path: string, kind: 'file' | 'folder'): Promise<string | null> {
  const found = await stat(path).catch(() => null);
  if (found === null) return writingProblem(dirname(path), 'folder');
  if (kind === 'file' ? !found.isFile() : !found.isDirectory()) return `${path} is no ${kind}`;
  return access(path, constants.W_OK).then(
    () => null,
    () => `${path} cannot be written by this user`,
  );
}
