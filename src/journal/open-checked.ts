import { existsSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { type Anchor, emptyAnchor, readAnchor, type writeAnchor } from './anchor.ts';
import { cutOff, damaged } from './journal-error.ts';
import { createDatabaseFile, databasePath, openDatabase, structureProblem } from './sqlite-database.ts';
import { SqliteEvents } from './sqlite-events.ts';

export interface CheckedDatabase {
  readonly database: DatabaseSync;
  readonly events: SqliteEvents;
  readonly head: Anchor;
}

/** Up to so many events SQLite reads the whole file in a moment; a larger one would keep users waiting for a controller. */
const readWhole = 20_000;

/**
 * Opens or creates the database, and demands that its indexes lead to every event and that it reaches its anchor; of a
 * small one also that SQLite can read it whole. Of the chain only the tail is checked here; the rest is checked as it is
 * read. `verifyJournalFile` checks everything.
 */
export async function openChecked(
  directory: string,
  options: {
    readonly writeAnchor: typeof writeAnchor;
    readonly retry: <T>(work: () => T) => Promise<T>;
  },
): Promise<CheckedDatabase> {
  const known = await readAnchor(directory);
  if (known !== null && known.sequence > 0 && !existsSync(databasePath(directory)))
    throw cutOff(directory, `journal.db is missing, though event ${known.sequence} was acknowledged.`);
  await createDatabaseFile(directory);
  const database = await options.retry(() => openDatabase(directory));
  try {
    const events = await options.retry(() => demandStructure(database, directory));
    // The anchor is read first: another process may append in between, and a journal ahead of its anchor is in order.
    const anchor = await readAnchor(directory);
    const head = checkTail(directory, events, anchor);
    if (anchor === null || anchor.sequence < head.sequence) await options.writeAnchor(directory, head);
    return { database, events, head };
  } catch (error) {
    database.close();
    throw error;
  }
}

function demandStructure(database: DatabaseSync, directory: string): SqliteEvents {
  const events = new SqliteEvents(database, directory);
  if ((events.head()?.sequence ?? 0) > readWhole) {
    events.demandEveryStreamWhole();
    return events;
  }
  const broken = structureProblem(database);
  if (broken !== null) throw damaged({ directory, reason: `SQLite says: ${broken}.` });
  return events;
}

function checkTail(directory: string, events: SqliteEvents, anchor: Anchor | null): Anchor {
  const head = events.head() ?? emptyAnchor;
  if (anchor === null && head.sequence > 0)
    throw cutOff(
      directory,
      'journal.anchor is missing, so that nobody can tell whether all events are there.',
    );
  const acknowledged = anchor ?? emptyAnchor;
  if (head.sequence < acknowledged.sequence) {
    const ends = `it ends at event ${head.sequence}, but event ${acknowledged.sequence} was acknowledged.`;
    throw cutOff(directory, ends);
  }
  for (const { sequence, hash } of [acknowledged, head]) {
    if (sequence === 0) continue;
    const [event] = events.readAll({ after: sequence - 1, limit: 1 });
    if (event?.hash === hash) continue;
    const reason = `event ${sequence} is not the one that was acknowledged.`;
    throw damaged({ directory, reason, sequence });
  }
  return head;
}
