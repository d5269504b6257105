import { constants } from 'node:fs';
import { type FileHandle, open, readdir, realpath } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { digestOfBytes } from '../../base/digest.ts';
import { claimOf, reportPath } from './claims.ts';
import { committedBy } from './committed-by.ts';
import { ownerName } from './owner-name.ts';
import type { QaLookup, QaReports } from './port.ts';
import { largestReportBytes, parseReport } from './report-text.ts';

/**
 * Reports in the folder `QA` of the repository at `root`. Paths in answers are relative to it. Never rejects for what a
 * report looks like: whatever is wrong with it is `unusable` with the line or the file and the reason.
 */
export function openQaReports({ root }: { readonly root: string }): QaReports {
  const top = resolve(root);
  return {
    async find(unit) {
      const path = reportPath(unit);
      const unusable = (reason: string, at = path): QaLookup => ({ kind: 'unusable', path: at, reason });
      try {
        const claim = claimOf(unit, await namesBelow(top, 'QA'));
        if (claim.kind === 'missing') return { kind: 'missing', path };
        if (claim.kind === 'unusable') return unusable(claim.reason, claim.path);
        const real = await realpath(join(top, path));
        if (!real.startsWith((await realpath(top)) + sep))
          return unusable('it is a symbolic link out of the repository');
        return await readReport(path, real);
      } catch (error) {
        return unusable(`it cannot be read: ${reasonOf(error)}`);
      }
    },
  };
}

async function readReport(path: string, real: string): Promise<QaLookup> {
  const handle = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) return { kind: 'unusable', path, reason: 'it is not a file' };
    const bytes = await readUpTo(handle, largestReportBytes + 1);
    const text = parseReport(bytes);
    if (text.kind === 'broken') return { kind: 'unusable', path, reason: text.reason };
    const [owner, author] = await Promise.all([ownerName(stats.uid), committedBy(real, bytes)]);
    const { frontmatter, body } = text;
    const modifiedAt = Math.floor(stats.mtimeMs);
    const digest = digestOfBytes(bytes);
    return {
      kind: 'found',
      report: { path, frontmatter, body, committedBy: author, owner, modifiedAt, digest },
    };
  } finally {
    await handle.close();
  }
}

async function readUpTo(handle: FileHandle, most: number): Promise<Uint8Array> {
  const buffer = Buffer.alloc(most);
  let size = 0;
  while (size < most) {
    const { bytesRead } = await handle.read(buffer, size, most - size, size);
    if (bytesRead === 0) break;
    size += bytesRead;
  }
  return buffer.subarray(0, size);
}

/** Everything below `folder`; links to directories are not followed. Empty when the folder is not there. */
async function namesBelow(top: string, folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(join(top, folder), { recursive: true, withFileTypes: true });
    return entries.map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(top.length + 1)
        .split(sep)
        .join('/'),
    );
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}

function reasonOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EACCES') return 'permission denied';
  if (code === 'ENOENT') return 'it leads nowhere';
  if (code === 'ELOOP') return 'it is a circle of symbolic links';
  if (code === 'ENXIO') return 'it is not a file';
  return error instanceof Error ? error.message : String(error);
}
