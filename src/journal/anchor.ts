import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDigest } from '../base/digest.ts';
import { missingIsNull } from '../disk/missing-is-null.ts';
import { replaceFile } from '../disk/replace-file.ts';
import { genesisHash } from './hash-chain.ts';
import { damaged } from './journal-error.ts';

/** The last event that was acknowledged: a journal that does not reach it was cut off. Sequence 0 while it is empty. */
export interface Anchor {
  readonly sequence: number;
  readonly hash: string;
}

export const emptyAnchor: Anchor = { sequence: 0, hash: genesisHash };

function anchorPath(directory: string): string {
  return join(directory, 'journal.anchor');
}

/** Null when there is none. Throws `journal-damaged` when it cannot be understood. */
export async function readAnchor(directory: string): Promise<Anchor | null> {
  const text = await readFile(anchorPath(directory), 'utf8').catch(missingIsNull);
  return text === null ? null : parseAnchor(directory, text);
}

/** Fsynced, mode 0600. */
export async function writeAnchor(
  directory: string,
  { sequence, hash }: Anchor,
  replace: typeof replaceFile = replaceFile,
): Promise<void> {
  await replace(anchorPath(directory), `${JSON.stringify({ sequence, hash })}\n`, { mode: 0o600 });
}

function parseAnchor(directory: string, text: string): Anchor {
  try {
    const { sequence, hash } = JSON.parse(text) as Partial<Anchor>;
    if (Number.isSafeInteger(sequence) && Number(sequence) >= 0 && isDigest(hash))
      return { sequence: Number(sequence), hash };
  } catch (cause) {
    throw damaged({ directory, reason: 'its anchor file is not JSON.', cause });
  }
  throw damaged({ directory, reason: 'its anchor file holds no sequence and hash.' });
}
