import { randomBytes } from 'node:crypto';
import { lstat, mkdir, readdir, rm, unlink, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { SluiceError } from '../base/sluice-error.ts';
import { missingIsNone } from '../disk/missing-is-none.ts';
import { missingIsNull } from '../disk/missing-is-null.ts';
import { ownerName } from '../ports/qa/owner-name.ts';

const form = /^[0-9a-f]{32}$/;

/** Makes a file that only this user can have made, and returns its name: the proof that goes with one call. */
export async function makeProof(stateDir: string): Promise<string> {
  const nonce = randomBytes(16).toString('hex');
  const directory = join(stateDir, 'callers');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await writeFile(join(directory, nonce), '', { flag: 'wx', mode: 0o600 });
  return nonce;
}

/** The user who made the file, which is used up. Rejects with `caller-unproved`. */
export async function readProof(stateDir: string, nonce: unknown): Promise<string> {
  if (typeof nonce !== 'string' || !form.test(nonce)) throw unproved('no proof was sent');
  const path = join(stateDir, 'callers', nonce);
  try {
    const found = await lstat(path);
    if (!found.isFile()) throw unproved('the proof is no file');
    await unlink(path);
    return found.uid === userInfo().uid ? userInfo().username : await ownerName(found.uid);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw unproved('the proof is not there');
    throw error;
  }
}

/** Removes the proofs of callers who were ended before their call was read. */
export async function removeOldProofs(
  stateDir: string,
  { nowMs, olderThanMs }: { readonly nowMs: number; readonly olderThanMs: number },
): Promise<void> {
  const directory = join(stateDir, 'callers');
  for (const nonce of await readdir(directory).catch(missingIsNone)) {
    if (!form.test(nonce)) continue;
    const found = await lstat(join(directory, nonce)).catch(missingIsNull);
    if (found !== null && nowMs - found.mtimeMs >= olderThanMs) {
      await rm(join(directory, nonce), { force: true });
    }
  }
}

function unproved(why: string): SluiceError {
  return new SluiceError({
    code: 'caller-unproved',
    message: `The controller cannot tell who is calling: ${why}.`,
    remedy: 'Call with the command line of the same version, on the machine where the controller runs.',
  });
}
