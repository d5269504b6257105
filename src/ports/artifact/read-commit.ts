import { realpath } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import { git } from './git.ts';

/**
 * The commit that the tree around `directory` is at, and whether the tree has changes that no commit holds: changed,
 * staged or new files that are not ignored. Without git or a repository: no commit, not dirty. Where git cannot say
 * whether it is dirty, it is.
 *
 * @param options.except paths, absolute or below `directory`, whose changes do not count, because they are no source: the
 * build output itself, the state directory, QA reports and deployment reports.
 */
export async function readCommit(
  directory: string,
  options: { readonly except?: readonly string[] } = {},
): Promise<{ readonly commit: string | null; readonly dirty: boolean }> {
  const top = await git(directory, ['rev-parse', '--show-toplevel']);
  if (top === null) return { commit: null, dirty: false };
  const head = (await git(directory, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}']))
    ?.toString()
    .trim();
  const status = await git(directory, [
    'status',
    '--porcelain=v1',
    '-z',
    '--untracked-files=all',
    '--no-renames',
  ]);
  const root = top.toString().replace(/\n$/, '');
  const real = await realpath(directory);
  const except = await Promise.all((options.except ?? []).map((path) => inRepository(root, real, path)));
  const counts = (path: string) => !except.some((one) => path === one || path.startsWith(`${one}/`));
  const dirty = status === null || changedPaths(status).some(counts);
  return { commit: head === undefined || head === '' ? null : head, dirty };
}

/** Each entry is two letters, a space and the path from the top of the repository. */
function changedPaths(status: Buffer): readonly string[] {
  return status
    .toString()
    .split('\0')
    .filter((entry) => entry !== '')
    .map((entry) => entry.slice(3));
}

async function inRepository(root: string, directory: string, path: string): Promise<string> {
  const whole = isAbsolute(path) ? path : join(directory, path);
  const real = await realpath(whole).catch(() => whole);
  return relative(root, real).split(sep).join('/');
}
