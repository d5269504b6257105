import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/** Reading so much takes less than a millisecond; the thread pool takes as long for the asking. */
const mostBytes = 262_144;
const buffer = Buffer.allocUnsafeSlow(mostBytes + 1);

/**
 * What a small regular file holds, read without a turn of the event loop; null of one of more than 256 KiB, of anything else, and
 * of what cannot be read: whoever reads it in the usual way is told why. `follow`: also by a link in the last name.
 */
export function readAtOnce(path: string | Buffer, { follow }: { readonly follow: boolean }): Buffer | null {
  let file: number | null = null;
  try {
    const flags = constants.O_RDONLY | constants.O_NONBLOCK | (follow ? 0 : constants.O_NOFOLLOW);
    file = openSync(path, flags);
    const stats = fstatSync(file);
    return stats.isFile() && stats.size <= mostBytes ? readSmall(file) : null;
  } catch {
    return null;
  } finally {
    if (file !== null) closeSync(file);
  }
}

/** Null of one that grows beyond what is small while it is read. */
function readSmall(file: number): Buffer | null {
  for (let size = 0; size <= mostBytes; ) {
    const read = readSync(file, buffer, size, buffer.length - size, size);
    if (read === 0) return Buffer.from(buffer.subarray(0, size));
    size += read;
  }
  return null;
}
