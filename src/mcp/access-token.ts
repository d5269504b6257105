import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { link, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SluiceError } from '../base/sluice-error.ts';

export interface AccessToken {
  /** Absolute path of the file that holds it, for its owner alone. */
  readonly file: string;
  readonly token: string;
}

/** The token that clients over HTTP have to show; made when there is none. `token-readable` when others may read it. */
export async function openAccessToken(stateDir: string): Promise<AccessToken> {
  const file = join(stateDir, 'mcp-token');
  const made = `${file}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
  await writeFile(made, `${randomBytes(32).toString('base64url')}\n`, { flag: 'wx', mode: 0o600 });
  // Whoever links first wins, and nobody ever reads half a token.
  await link(made, file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(made);
  const { mode } = await stat(file);
  const token = (await readFile(file, 'utf8')).trim();
  if ((mode & 0o077) === 0 && token.length >= 32) return { file, token };
  throw new SluiceError({
    code: 'token-unsafe',
    message: `${file} ${token.length < 32 ? 'holds no token' : 'can be read by others'}.`,
    remedy: 'Remove it; the next `sluice mcp --http` makes a new one for you alone.',
  });
}

/** Takes the same time wherever they differ. */
export function isSameToken(given: string, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}
