import { closeSync, fdatasync, fstatSync, openSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
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

export function anchorPath(directory: string): string {
  return join(directory, 'journal.anchor');
}

/**
 * Null when there is none. Throws `journal-damaged` when it cannot be understood. Read until two looks agree: it may be
 * written at this moment.
 */
export async function readAnchor(directory: string): Promise<Anchor | null> {
  for (let last: string | null = null; ; ) {
    const text = await readFile(anchorPath(directory), 'utf8').catch(missingIsNull);
    if (text === null) return null;
    if (text === last) return parseAnchor(directory, text);
    last = text;
  }
}

/** Room for the largest sequence. Within a sector, which a disk writes whole or not at all. */
const bytes = 128;
const synced = promisify(fdatasync);

/**
 * Synced, mode 0600. Written in its place, which costs one flush of the disk: to put another file there costs three, and a
 * journal waits for its anchor with each commit. Only one that is not there, or is of another size, is replaced.
 */
export async function writeAnchor(directory: string, { sequence, hash }: Anchor): Promise<void> {
  const line = `${JSON.stringify({ sequence, hash }).padEnd(bytes - 1)}\n`;
  const file = openInPlace(anchorPath(directory));
  if (file === null) return replaceFile(anchorPath(directory), line, { mode: 0o600 });
  try {
    writeSync(file, line, 0);
    await synced(file);
  } finally {
    closeSync(file);
  }
}

/** Null where it cannot be written in its place. */
function openInPlace(path: string): number | null {
  try {
    const file = openSync(path, 'r+');
    if (fstatSync(file).size === bytes) return file;
    closeSync(file);
  } catch (error) {
    if (!['ENOENT', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
  return null;
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
