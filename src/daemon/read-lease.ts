import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { Lease } from '../journal/journal.ts';
import { databasePath } from '../journal/sqlite-database.ts';
import { SqliteLeases } from '../journal/sqlite-leases.ts';

/** The newest lease of that name, from the file and without a controller; null when there is none or it cannot be read. */
export function readLease(directory: string, name: string): Lease | null {
  if (!existsSync(databasePath(directory))) return null;
  try {
    using database = new DatabaseSync(databasePath(directory), { readOnly: true, timeout: 2_000 });
    return new SqliteLeases(database).newest(name);
  } catch {
    // A damaged journal names no holder; `sluice journal verify` tells what is wrong with it.
    return null;
  }
}
