import { readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SluiceError } from '../../base/sluice-error.ts';
import { missingIsNull } from '../../disk/missing-is-null.ts';
import { replaceFile } from '../../disk/replace-file.ts';

/** JSON records by id, one atomically replaced file each. */
export interface RecordDirectory<T> {
  read(id: string): Promise<T | null>;
  all(): Promise<readonly T[]>;
  /** Which there are and when each was last written, without reading them. */
  ids(): Promise<readonly { readonly id: string; readonly writtenAtMs: number }[]>;
  save(id: string, record: T): Promise<void>;
  remove(id: string): Promise<void>;
}

/** Reading throws `record-unreadable` for a file that is damaged. */
export async function openRecords<T>(directory: string): Promise<RecordDirectory<T>> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const path = (id: string) => join(directory, `${fileName(id)}.json`);
  const load = async (file: string): Promise<T | null> => {
    const text = await readFile(file, 'utf8').catch(missingIsNull);
    return text === null ? null : parse<T>(file, text);
  };
  return {
    read: async (id) => loadAtOnce<T>(path(id)),
    async all() {
      const names = (await readdir(directory)).filter((name) => name.endsWith('.json')).sort();
      const found = await Promise.all(names.map((name) => load(join(directory, name))));
      return found.filter((record) => record !== null);
    },
    async ids() {
      const names = (await readdir(directory)).filter((name) => name.endsWith('.json')).sort();
      const found = await Promise.all(
        names.map(async (name) => {
          const stats = await stat(join(directory, name)).catch(missingIsNull);
          const id = idOf(name.slice(0, -'.json'.length));
          return stats === null || id === null ? [] : [{ id, writtenAtMs: stats.mtimeMs }];
        }),
      );
      return found.flat();
    },
    save: (id, record) => replaceFile(path(id), `${JSON.stringify(record, null, 1)}\n`),
    remove: (id) => rm(path(id), { force: true }),
  };
}

/** A record is small: the kernel has read it sooner than the thread pool has been asked. */
function loadAtOnce<T>(file: string): T | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    return missingIsNull(error as NodeJS.ErrnoException);
  }
  return parse<T>(file, text);
}

/** An id as the name of a file; two ids never share one, and none leaves the directory. */
export function fileName(id: string): string {
  return encodeURIComponent(id).replace(/^\./, '%2E');
}

/** The id that a file is named after; null for a name that no id has. */
export function idOf(name: string): string | null {
  try {
    const id = decodeURIComponent(name);
    return fileName(id) === name ? id : null;
  } catch {
    return null;
  }
}

function parse<T>(file: string, text: string): T {
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw new SluiceError({
      code: 'record-unreadable',
      message: `${file} is damaged: ${(cause as Error).message}.`,
      remedy: 'End the process that the file names, if it still runs, then remove the file and start again.',
      cause,
    });
  }
}
