import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Digest, parseDigest } from '../../base/digest.ts';
import { SluiceError } from '../../base/sluice-error.ts';
import { replaceFile } from '../../disk/replace-file.ts';
import { type Addition, addAgain } from './addition.ts';
import { systemCode } from './artifact-error.ts';

/**
 * Additions on disk: `<directory>/<digest>/<key>.json`, one file for each service and unit, so that two adds at once for
 * different units never write the same file.
 */
export interface AdditionFiles {
  write(addition: Addition): Promise<void>;
  /** Empty when the digest is not recorded. Rejects with `artifact-record-broken`. */
  read(digest: Digest): Promise<readonly Addition[]>;
  digests(): Promise<readonly Digest[]>;
  remove(digest: Digest): Promise<void>;
}

export function openAdditionFiles(directory: string): AdditionFiles {
  const folder = (digest: Digest) => join(directory, hexOf(digest));
  return {
    async write(addition) {
      await mkdir(folder(addition.digest), { recursive: true, mode: 0o700 });
      const path = join(folder(addition.digest), fileName(addition));
      // A record that cannot be read is replaced: adding again is the remedy that its error names.
      const earlier = await readAddition(path).catch(() => null);
      await replaceFile(path, `${JSON.stringify(addAgain(earlier, addition), null, 2)}\n`, { mode: 0o600 });
    },
    async read(digest) {
      const names = (await namesIn(folder(digest))).filter((name) => /^[0-9a-f]{32}\.json$/.test(name));
      const read = await Promise.all(names.map((name) => readAddition(join(folder(digest), name))));
      return read.filter((addition) => addition !== null);
    },
    async digests() {
      const names = (await namesIn(directory)).filter((name) => /^[0-9a-f]{64}$/.test(name));
      return names.map((name) => parseDigest(`sha256:${name}`));
    },
    remove: (digest) => rm(folder(digest), { recursive: true, force: true }),
  };
}

export function hexOf(digest: Digest): string {
  return digest.slice('sha256:'.length);
}

export async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return (await readdir(directory)).sort();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}

/** Hashed, because unit ids that differ only in case must stay two files where the file system does not tell them apart. */
function fileName({ service, unit }: Addition): string {
  return `${createHash('sha256').update(`${service} ${unit}`).digest('hex').slice(0, 32)}.json`;
}

async function readAddition(path: string): Promise<Addition | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
  const addition = parseAddition(text);
  if (addition !== null) return addition;
  throw new SluiceError({
    code: 'artifact-record-broken',
    message: `${path} is not the record of an artifact.`,
    remedy: 'Remove that file and add the artifact again for its service and unit.',
  });
}

function parseAddition(text: string): Addition | null {
  try {
    const value = JSON.parse(text) as Partial<Addition> | null;
    const whole =
      typeof value?.digest === 'string' &&
      typeof value.service === 'string' &&
      typeof value.unit === 'string' &&
      [value.addedAt, value.lastAddedAt, value.files, value.bytes].every(Number.isFinite);
    return whole ? (value as Addition) : null;
  } catch {
    // Not JSON; the caller names the file.
    return null;
  }
}
