import { realpathSync, type Stats, statSync } from 'node:fs';
import { resolve, sep } from 'node:path';

export type Place =
  | { readonly kind: 'found'; readonly real: string; readonly stats: Stats }
  | { readonly kind: 'missing' }
  /** It leads out of the workspace. */
  | { readonly kind: 'outside' };

/** Where a path leads, symbolic links followed as long as they end within the root. Throws when it may not be looked at. */
export function resolveInside(root: string, path: string): Place {
  try {
    const [top, real] = [realpathSync.native(root), realpathSync.native(resolve(root, path))];
    const within = real === top || real.startsWith(top.endsWith(sep) ? top : `${top}${sep}`);
    return within ? { kind: 'found', real, stats: statSync(real) } : { kind: 'outside' };
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    // Also a path that no file can have, with a zero byte or a name too long.
    const none = ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'ERR_INVALID_ARG_VALUE'];
    if (none.includes(code)) return { kind: 'missing' };
    throw error;
  }
}
