import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { digestOfBytes } from '../../base/digest.ts';
import { readAtOnce } from '../../disk/read-at-once.ts';
import { openRegular } from '../artifact/copy-hashed.ts';

/** Of a file of any size. */
export interface Evidence {
  readonly digest: string;
  readonly size: number;
  /** The whole, or the first 8 MiB and the last MiB. */
  readonly parts: readonly string[];
  readonly isWhole: boolean;
  /** The first MiB. */
  readonly content: string;
}

const mib = 1_048_576;
const mostHead = 8 * mib;
const mostTail = mib;
const chunkBytes = 524_288;

/** Files up to this size are kept as a whole. */
export const mostWhole = mostHead + mostTail;

/** Every byte is read for the digest, and few are kept. Null when there is no regular file; rejects when the signal aborts. */
export async function readEvidence(path: string, signal?: AbortSignal): Promise<Evidence | null> {
  signal?.throwIfAborted();
  const small = readAtOnce(path, { follow: false });
  if (small !== null) {
    const content = decode(small);
    return { digest: digestOfBytes(small), size: small.length, isWhole: true, parts: [content], content };
  }
  const file = await openRegular(path);
  if (file === null) return null;
  try {
    const { digest, size, head } = await readThrough(file, signal);
    const isWhole = size <= mostWhole;
    const tail = await readFrom(file, isWhole ? head.length : size - mostTail, size);
    const parts = isWhole ? [Buffer.concat([head, tail])] : [head, tail];
    return { digest, size, isWhole, parts: parts.map(decode), content: decode(head.subarray(0, mib)) };
  } finally {
    await file.close();
  }
}

async function readThrough(file: FileHandle, signal?: AbortSignal) {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(chunkBytes);
  const head: Buffer[] = [];
  let size = 0;
  for (;;) {
    signal?.throwIfAborted();
    const { bytesRead } = await file.read(buffer, 0, chunkBytes, size);
    if (bytesRead === 0) break;
    const chunk = buffer.subarray(0, bytesRead);
    hash.update(chunk);
    if (size < mostHead) head.push(Buffer.from(chunk.subarray(0, mostHead - size)));
    size += bytesRead;
  }
  return { digest: `sha256:${hash.digest('hex')}`, size, head: Buffer.concat(head) };
}

async function readFrom(file: FileHandle, from: number, to: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(to - from), 0, to - from, from);
  return buffer.subarray(0, bytesRead);
}

/** A character that was cut in two at the end is left out. */
function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes, { stream: true });
}
