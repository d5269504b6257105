import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { SluiceError } from '../base/sluice-error.ts';

/** What the smallest of the common systems takes (104 bytes with the closing zero). */
const longestPath = 100;

/**
 * Where the unix socket `name` of a state directory lies: in it, or when that path is too long for a socket, under the
 * temporary directory in a directory that only this user may enter. The same directory always gives the same path.
 * Throws `socket-directory-unsafe`.
 */
export function socketPathFor(stateDir: string, name: string): string {
  const inside = join(stateDir, `${name}.sock`);
  if (Buffer.byteLength(inside) <= longestPath) return inside;
  const { uid } = userInfo();
  const directory = join(tmpdir(), `sluice-${uid}`);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const found = lstatSync(directory);
  const safe = found.isDirectory() && (uid < 0 || found.uid === uid) && (found.mode & 0o077) === 0;
  if (!safe) throw unsafe(directory);
  const hash = createHash('sha256').update(inside).digest('hex').slice(0, 16);
  return join(directory, `${hash}.sock`);
}

function unsafe(directory: string): SluiceError {
  return new SluiceError({
    code: 'socket-directory-unsafe',
    message: `${directory} is not a directory that only this user can enter.`,
    remedy: `Remove ${directory}, or use a state directory with a shorter path.`,
  });
}
