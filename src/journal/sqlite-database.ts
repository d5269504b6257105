import { chmod, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { SluiceError } from '../base/sluice-error.ts';
import { syncDirectory } from '../disk/replace-file.ts';

const schemaVersion = 1;

const schema = `
  CREATE TABLE IF NOT EXISTS event (
    sequence INTEGER PRIMARY KEY, stream TEXT NOT NULL, version INTEGER NOT NULL, type TEXT NOT NULL,
    data TEXT NOT NULL, at REAL NOT NULL, actor TEXT NOT NULL, hash TEXT NOT NULL, UNIQUE (stream, version)) STRICT;
  CREATE TABLE IF NOT EXISTS snapshot (
    stream TEXT PRIMARY KEY, snapshot TEXT NOT NULL, digest TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS lease (
    name TEXT PRIMARY KEY, holder TEXT NOT NULL, fence INTEGER NOT NULL, expires_at REAL NOT NULL) STRICT;
  PRAGMA user_version = ${schemaVersion};`;

export function databasePath(directory: string): string {
  return join(directory, 'journal.db');
}

/** SQLite gives its side files the mode of the database, so that one must be closed to others before it is opened. */
export async function createDatabaseFile(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const path = databasePath(directory);
  {
    await using _file = await open(path, 'a', 0o600);
  }
  await chmod(path, 0o600);
  await syncDirectory(directory);
}

/** WAL, synchronous=FULL: a commit has been fsynced when it returns. Throws what SQLite throws. */
export function openDatabase(directory: string): DatabaseSync {
  const database = new DatabaseSync(databasePath(directory), { timeout: 0 });
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    migrate(database, directory);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Runs in one transaction that has the write lock from its beginning; rolled back when `work` or the commit throws. */
export function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    // SQLite has already rolled back by itself after some errors, such as a full disk.
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

function migrate(database: DatabaseSync, directory: string): void {
  const found = userVersion(database);
  if (found === schemaVersion) return;
  if (found > schemaVersion) {
    throw new SluiceError({
      code: 'journal-newer',
      message: `The journal in ${directory} has version ${found}; this Sluice knows version ${schemaVersion}.`,
      remedy: 'Use the version of Sluice that wrote it, or a newer one.',
    });
  }
  inTransaction(database, () => database.exec(schema));
}

/** What is wrong with SQLite's own structure, null when nothing is. Reads the whole file; finds an index that hides rows. */
export function structureProblem(database: DatabaseSync): string | null {
  const [first] = database.prepare('PRAGMA integrity_check(1)').all();
  const answer = String(first?.integrity_check ?? 'no answer');
  return answer === 'ok' ? null : answer;
}

function userVersion(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.user_version ?? 0);
}
