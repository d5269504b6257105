import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { missingIsNone } from './missing-is-none.ts';
import { missingIsNull } from './missing-is-null.ts';

/** Of `replaceFile`: `<name>.<pid>.<12 hexadecimal digits>.tmp`. */
const ofReplacing = /\.\d+\.[0-9a-f]{12}\.tmp$/;

/**
 * Removes what replacing a file left where its process was killed in between: temporary files in the directory and below,
 * last written `olderThanMs` before `nowMs`. Directories of it named in `except` are not looked into. Returns what went.
 */
export async function removeTemporaries(
  directory: string,
  options: { readonly nowMs: number; readonly olderThanMs: number; readonly except: readonly string[] },
): Promise<readonly string[]> {
  const gone: string[] = [];
  for (const entry of await readdir(directory, { withFileTypes: true }).catch(missingIsNone)) {
    const path = join(directory, entry.name);
    if (entry.isDirectory() && !options.except.includes(entry.name)) {
      gone.push(...(await removeTemporaries(path, { ...options, except: [] })));
    }
    if (!entry.isFile() || !ofReplacing.test(entry.name)) continue;
    const stats = await lstat(path).catch(missingIsNull);
    if (stats === null || options.nowMs - stats.mtimeMs < options.olderThanMs) continue;
    await rm(path, { force: true });
    gone.push(path);
  }
  return gone;
}
