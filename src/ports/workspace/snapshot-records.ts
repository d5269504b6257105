import { hash } from 'node:crypto';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { missingIsNull } from '../../disk/missing-is-null.ts';
import { replaceFile } from '../../disk/replace-file.ts';
import { fileName, idOf } from '../runtime/record-directory.ts';
import type { BytePath } from './byte-path.ts';
import type { Entry } from './entry.ts';
import { snapshotDamaged } from './workspace-error.ts';

/** What is on disk about a snapshot, besides contents. */
export interface SnapshotRecord {
  /** Real path of the folder that was kept. */
  readonly root: string;
  /** In order. */
  readonly entries: readonly Entry[];
  /** Sockets and pipes that were there: a restore lets them be. */
  readonly specials: ReadonlySet<BytePath>;
  /** Stamps of the files that can be known again by them. */
  readonly stamps: ReadonlyMap<BytePath, string>;
}

export interface SnapshotRecords {
  /** Null when there is none. Rejects with `snapshot-damaged`. */
  read(id: string): Promise<SnapshotRecord | null>;
  save(id: string, record: SnapshotRecord): Promise<void>;
  remove(id: string): Promise<void>;
  /** Of all that there are; a long one by its name on the disk, which does as well. Names that no id has are passed over. */
  ids(): Promise<readonly string[]>;
  /** Which of these there are, each record once. */
  among(ids: readonly string[]): Promise<readonly string[]>;
  /** Each that there is, the newest first, beside those of the ids in `except`; null for a damaged one. */
  newestFirst(except?: readonly string[]): AsyncIterable<SnapshotRecord | null>;
}

const ending = '.snapshot';

/** One file each: a line with what vouches for the rest, then a line for each entry. */
export function openSnapshotRecords(directory: string): SnapshotRecords {
  const place = (id: string) => join(directory, `${shortened(fileName(id))}${ending}`);
  return {
    async read(id) {
      const text = await readFile(place(id), 'utf8').catch(missingIsNull);
      if (text === null) return null;
      const record = parse(text);
      if (record === null) throw snapshotDamaged(id, `${place(id)} is not what was written`);
      return record;
    },
    save: (id, record) => replaceFile(place(id), print(record)),
    remove: (id) => rm(place(id), { force: true }),
    async ids() {
      const names = (await readdir(directory)).filter((name) => name.endsWith(ending));
      const ids = names.map((name) => idOf(name.slice(0, -ending.length)));
      return ids.filter((id) => id !== null);
    },
    async among(ids) {
      const names = new Set(await readdir(directory));
      return ids.filter((id) => names.delete(basename(place(id))));
    },
    async *newestFirst(except = []) {
      const passedOver = new Set(except.map(place));
      for (const path of await pathsByAge(directory)) {
        if (passedOver.has(path)) continue;
        const text = await readFile(path, 'utf8').catch(missingIsNull);
        if (text !== null) yield parse(text);
      }
    },
  };
}

/** Names on disk have at most 255 bytes. */
function shortened(name: string): string {
  return name.length <= 200 ? name : `${name.slice(0, 100)}-${hash('sha256', name)}`;
}

async function pathsByAge(directory: string): Promise<readonly string[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith(ending));
  const aged = await Promise.all(
    names.map(async (name) => {
      const path = join(directory, name);
      return { path, writtenAt: (await stat(path).catch(missingIsNull))?.mtimeMs ?? 0 };
    }),
  );
  return aged.sort((a, b) => b.writtenAt - a.writtenAt).map(({ path }) => path);
}

const form = 'sluice-snapshot-1';

function print({ root, entries, specials, stamps }: SnapshotRecord): string {
  const lines = [
    JSON.stringify({ root, specials: [...specials] }),
    ...entries.map((entry) => JSON.stringify([stamps.get(entry.path) ?? null, entry])),
  ];
  const body = `${lines.join('\n')}\n`;
  return `${form} ${hash('sha256', body)}\n${body}`;
}

function parse(text: string): SnapshotRecord | null {
  const end = text.indexOf('\n') + 1;
  const [itsForm, checksum] = text.slice(0, end).trim().split(' ');
  const body = text.slice(end);
  if (itsForm !== form || checksum !== hash('sha256', body)) return null;
  const [head = '', ...lines] = body.trimEnd().split('\n');
  const { root, specials } = JSON.parse(head) as { root: string; specials: string[] };
  const stamped = lines.map((line) => JSON.parse(line) as [string | null, Entry]);
  return {
    root,
    entries: stamped.map(([, entry]) => entry),
    specials: new Set(specials),
    stamps: new Map(stamped.flatMap(([stamp, { path }]) => (stamp === null ? [] : [[path, stamp] as const]))),
  };
}
