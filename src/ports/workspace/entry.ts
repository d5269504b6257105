import { createHash } from 'node:crypto';
import type { BytePath } from './byte-path.ts';
import type { WorkspaceSnapshot } from './port.ts';

/** One thing in a workspace. The root is the directory ''. Modes are the twelve lowest bits. */
export type Entry = DirectoryEntry | FileEntry | LinkEntry;

export interface DirectoryEntry {
  readonly type: 'dir';
  readonly path: BytePath;
  readonly mode: number;
}

export interface FileEntry {
  readonly type: 'file';
  readonly path: BytePath;
  readonly mode: number;
  readonly size: number;
  readonly sha256: string;
}

export interface LinkEntry {
  readonly type: 'symlink';
  readonly path: BytePath;
  /** As it is written in the link, byte for byte; it is never followed. */
  readonly target: string;
}

/** Entries are told by their paths in order of bytes. */
export function inOrder<T extends Entry>(entries: readonly T[]): readonly T[] {
  return [...entries].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

/** Over all entries, which must be in order. */
export function snapshotOf(entries: readonly Entry[]): WorkspaceSnapshot {
  const hash = createHash('sha256');
  let [files, bytes] = [0, 0];
  for (const entry of entries) {
    hash.update(`${JSON.stringify(factsOf(entry))}\n`);
    if (entry.type !== 'file') continue;
    files += 1;
    bytes += entry.size;
  }
  return { digest: `sha256:${hash.digest('hex')}`, files, bytes };
}

export function isSameEntry(a: Entry, b: Entry): boolean {
  return JSON.stringify(factsOf(a)) === JSON.stringify(factsOf(b));
}

function factsOf(entry: Entry): readonly unknown[] {
  const { type, path } = entry;
  if (type === 'dir') return [type, path, entry.mode];
  if (type === 'symlink') return [type, path, entry.target];
  return [type, path, entry.mode, entry.size, entry.sha256];
}
