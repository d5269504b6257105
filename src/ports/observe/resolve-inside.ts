import type { Stats } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { resolve, sep } from 'node:path';

export type Place =
  | { readonly kind: 'found'; readonly real: string; readonly stats: Stats }
  | { readonly kind: 'missing' }
  /** It leads out of the workspace. */
  | { readonly kind: 'outside' };

/** Where a path leads, symbolic links followed as long as they end within the root. Rejects when it may not be looked at. */
export async function resolveInside(root: string, path: string): Promise<Place> {
  try {
    const [top, real] = await Promise.all([realpath(root), realpath(resolve(root, path))]);
    const within = real === top || real.startsWith(top.endsWith(sep) ? top : `${top}${sep}`);
    return within ? { kind: 'found', real, stats: await stat(real) } : { kind: 'outside' };
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    // Also a path that no file can have, with a zero byte or a name too long.
    const none = ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'ERR_INVALID_ARG_VALUE'];
    if (none.includes(code)) return { kind: 'missing' };
    throw error;
  }
}
