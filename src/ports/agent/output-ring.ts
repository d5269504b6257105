import { readdir, readFile, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { shellQuote } from './shell-quote.ts';

/** Three files of so many bytes are kept at most: two that are full, and the one that is written or stays empty at the end. */
const partBytes = 4 * 2 ** 20;

/**
 * A shell command that keeps the end of its standard input in files `<base>.0`, `<base>.1` …, of which only the last three
 * are there. Unlike a log that is cut from outside it loses nothing that came last, and it needs nobody who looks after
 * it. It goes on until all writers have ended.
 */
export function keepTail(base: string): string {
  const part = `${shellQuote(base)}.$n`;
  const read = `dd bs=65536 count=${partBytes} iflag=count_bytes of=${part} status=none`;
  return `(n=0; while ${read} && [ -s ${part} ]; do n=$((n + 1)); rm -f ${shellQuote(base)}.$((n - 3)); done)`;
}

/** The last bytes that were kept; empty where there are none. */
export async function readTail(base: string, bytes: number): Promise<string> {
  let tail = Buffer.alloc(0);
  for (const part of (await partsOf(base)).reverse()) {
    if (tail.length < bytes) tail = Buffer.concat([await readFile(part), tail]);
  }
  return tail.subarray(Math.max(0, tail.length - bytes)).toString();
}

export async function removeTail(base: string): Promise<void> {
  await Promise.all((await partsOf(base)).map((part) => rm(part, { force: true })));
}

/** Oldest first. */
async function partsOf(base: string): Promise<string[]> {
  const prefix = `${basename(base)}.`;
  const numbers = (await readdir(dirname(base)))
    .filter((name) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)))
    .map((name) => Number(name.slice(prefix.length)));
  return numbers.sort((a, b) => a - b).map((number) => join(dirname(base), `${prefix}${number}`));
}
