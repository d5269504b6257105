import { realpathSync } from 'node:fs';
import { lstat, mkdir, realpath } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { isErrorFacts } from '../../base/sluice-error.ts';
import { missingIsNull } from '../../disk/missing-is-null.ts';
import { eachLimited } from '../artifact/each-limited.ts';
import { type BytePath, bytePathOf, onDisk, textOf } from './byte-path.ts';
import { type ContentStore, openContentStore } from './content-store.ts';
import { type Entry, type FileEntry, isSameEntry, snapshotOf } from './entry.ts';
import { fileSystemNow } from './file-stamp.ts';
import { globDigests } from './glob-digests.ts';
import { KnownFiles } from './known-files.ts';
import type { WorkspaceRestored, WorkspaceSnapshot, Workspaces } from './port.ts';
import { restoreTree } from './restore-tree.ts';
import { type Scan, scan } from './scan.ts';
import { openSnapshotRecords, type SnapshotRecord, type SnapshotRecords } from './snapshot-records.ts';
import * as failure from './workspace-error.ts';

export interface WorkspacesOptions {
  /**
   * The whole state directory, which is no part of any workspace and may lie in one. Snapshots are kept in `workspaces/` below
   * it; one process at a time.
   */
  readonly stateDir: string;
}

/**
 * Workspaces on this machine. A snapshot holds contents, modes, links as they are written, and empty folders; names need not
 * be UTF-8. Sockets, pipes and devices are skipped: a restore leaves those of the time of the snapshot alone and removes newer
 * ones. Owners, times, extended attributes, and which names are hard links of one file, are not kept. A file that is written to
 * meanwhile is kept as it was at some moment of the snapshot. Files of which path, size, times and inode are those of an earlier
 * snapshot are not read again. A snapshot survives `kill -9` at any moment; what the power took from it shows as
 * `snapshot-damaged`, before anything is changed.
 */
export async function openWorkspaces({ stateDir }: WorkspacesOptions): Promise<Workspaces> {
  const base = join(stateDir, 'workspaces');
  const [records, contents, staging] = ['snapshots', 'contents', 'staging'].map((name) =>
    join(base, name),
  ) as [string, string, string];
  for (const path of [records, contents, staging]) await mkdir(path, { recursive: true, mode: 0o700 });
  return new DirectoryWorkspaces({
    stateDir: await realpath(stateDir),
    nowFile: join(base, 'now'),
    records: openSnapshotRecords(records),
    contents: openContentStore(contents, staging),
  });
}

interface Parts {
  readonly stateDir: string;
  readonly nowFile: string;
  readonly records: SnapshotRecords;
  readonly contents: ContentStore;
}

class DirectoryWorkspaces implements Workspaces {
  readonly #parts: Parts;
  /** The newest snapshot of each root that was taken here. */
  readonly #newest = new Map<string, SnapshotRecord>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  snapshot(id: string, root: string): Promise<WorkspaceSnapshot> {
    return this.#inTurn(() => this.#snapshot(id, root));
  }

  restore(id: string, root: string): Promise<WorkspaceRestored> {
    return this.#inTurn(() =>
      this.#restore(id, root).catch((error) => Promise.reject(failure.restoreFailed(error, root))),
    );
  }

  async digests(root: string, globs: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const real = realRoot(root);
    if (real === null) return new Map();
    return globDigests({ root: real, globs, except: this.#stateDirIn(real) });
  }

  ids(): Promise<readonly string[]> {
    return this.#parts.records.ids();
  }

  forget(ids: string | readonly string[]): Promise<readonly string[]> {
    return this.#inTurn(() => this.#forget([ids].flat()));
  }

  /** Contents must not be swept while a snapshot counts on them. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #snapshot(id: string, root: string): Promise<WorkspaceSnapshot> {
    const { records } = this.#parts;
    const kept = await records.read(id);
    if (kept !== null) return snapshotOf(kept.entries);
    try {
      const record = await this.#look(await realpath(root));
      await records.save(id, record);
      this.#newest.set(record.root, record);
      return snapshotOf(record.entries);
    } catch (error) {
      throw failure.snapshotFailed(error, root);
    }
  }

  async #look(root: string): Promise<SnapshotRecord> {
    const { contents, nowFile } = this.#parts;
    if (isWithin(root, this.#parts.stateDir)) throw new Error('it lies in the state directory');
    const known = new KnownFiles(await fileSystemNow(nowFile));
    const kept = await contents.names();
    const earlier = await this.#earlier(root);
    if (earlier !== null) known.learn(earlier, (sha256) => kept.has(sha256));
    const { entries, specials } = await scan(root, {
      except: this.#stateDirIn(root),
      read: (file) => known.read(file, () => contents.keep(file.onDisk, Number(file.stats.size))),
    });
    return { root, entries, specials, stamps: known.stamps() };
  }

  async #earlier(root: string): Promise<SnapshotRecord | null> {
    const newest = this.#newest.get(root);
    if (newest !== undefined) return newest;
    for await (const record of this.#parts.records.newestFirst()) if (record?.root === root) return record;
    return null;
  }

  async #restore(id: string, root: string): Promise<WorkspaceRestored> {
    const { records, contents, nowFile } = this.#parts;
    const record = await records.read(id);
    if (record === null) throw failure.snapshotMissing(id);
    const place = await placeOf(root, record.root);
    const except = this.#stateDirIn(place);
    const known = new KnownFiles(await fileSystemNow(nowFile));
    known.learn(record, () => true);
    const before = await scanIfThere(place, { except, read: (file) => known.read(file) });
    const found = new Map(before.map((entry) => [entry.path, entry]));
    await this.#checkContents(id, record.entries, found);
    const wanted = { wanted: record.entries, specials: record.specials };
    const touched = await restoreTree({ root: place, ...wanted, found, except, contents });
    const after = await scan(place, { except, read: (file) => known.read(file) });
    const { digest } = snapshotOf(after.entries);
    if (digest !== snapshotOf(record.entries).digest) throw differs(root, record.entries, after);
    return { digest, restored: [...touched].slice(0, mostTold).map((path) => textOf(path) || '.') };
  }

  /** Before anything is changed, all that will be needed is seen to be sound. */
  async #checkContents(id: string, wanted: readonly Entry[], found: ReadonlyMap<BytePath, Entry>) {
    const needed = new Map<string, FileEntry>();
    for (const entry of wanted) {
      if (entry.type !== 'file') continue;
      const now = found.get(entry.path);
      if (now?.type !== 'file' || now.sha256 !== entry.sha256) needed.set(entry.sha256, entry);
    }
    await eachLimited([...needed.values()], 4, async (entry) => {
      const state = await this.#parts.contents.check(entry);
      if (state !== 'ok') {
        throw failure.snapshotDamaged(id, `the kept content of ${textOf(entry.path)} is ${state}`);
      }
    });
  }

  /** Contents go first: who is killed in between finds the records again, and with them what is still to be done. */
  async #forget(asked: readonly string[]): Promise<readonly string[]> {
    const { records, contents } = this.#parts;
    const ids: string[] = [];
    for (const id of await records.among(asked)) if (await this.#isSound(id)) ids.push(id);
    if (ids.length === 0) return [];
    this.#newest.clear();
    const keep = await this.#needed(ids);
    if (keep !== null) await contents.sweep(keep);
    for (const id of ids) await records.remove(id);
    return ids;
  }

  /** It is there, and is what was written. */
  async #isSound(id: string): Promise<boolean> {
    return this.#parts.records.read(id).then(
      (record) => record !== null,
      (error: unknown) => {
        if (isErrorFacts(error) && error.code === 'snapshot-damaged') return false;
        throw error;
      },
    );
  }

  /** Contents that snapshots beside these need; null where one is damaged: what it needs cannot be told. */
  async #needed(except: readonly string[]): Promise<ReadonlySet<string> | null> {
    const needed = new Set<string>();
    for await (const record of this.#parts.records.newestFirst(except)) {
      if (record === null) return null;
      for (const entry of record.entries) if (entry.type === 'file') needed.add(entry.sha256);
    }
    return needed;
  }

  #stateDirIn(root: string): BytePath | null {
    const { stateDir } = this.#parts;
    return isWithin(stateDir, root) ? bytePathOf(relative(root, stateDir)) : null;
  }
}

const mostTold = 1_000;

function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory.endsWith(sep) ? directory : `${directory}${sep}`);
}

function realRoot(root: string): string | null {
  try {
    return realpathSync.native(root);
  } catch (error) {
    return missingIsNull(error as NodeJS.ErrnoException);
  }
}

/** A folder that was kept may be gone, or be a link by now; a link that somebody put in its place is not followed. */
async function placeOf(root: string, kept: string): Promise<string> {
  const parent = await realpath(dirname(resolve(root))).catch(missingIsNull);
  const place = parent === null ? resolve(root) : join(parent, basename(resolve(root)));
  return place === kept ? place : ((await realpath(root).catch(missingIsNull)) ?? place);
}

async function scanIfThere(place: string, options: Parameters<typeof scan>[1]): Promise<readonly Entry[]> {
  const stats = await lstat(onDisk(place, '')).catch(missingIsNull);
  return stats?.isDirectory() ? (await scan(place, options)).entries : [];
}

function differs(root: string, wanted: readonly Entry[], { entries }: Scan) {
  const now = new Map(entries.map((entry) => [entry.path, entry]));
  const known = new Set(wanted.map(({ path }) => path));
  const wrong = wanted.filter((entry) => {
    const found = now.get(entry.path);
    return found === undefined || !isSameEntry(found, entry);
  });
  const paths = [...wrong, ...entries.filter(({ path }) => !known.has(path))].map(
    ({ path }) => textOf(path) || '.',
  );
  return failure.restoreIncomplete(
    `${root} is not what it was: ${paths.slice(0, 5).join(', ')}${paths.length > 5 ? ` and ${paths.length - 5} more` : ''} changed while it was being restored.`,
  );
}
