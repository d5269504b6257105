import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { type Anchor, readAnchor } from './anchor.ts';
import { type ChainCheck, type ChainProblem, checkChain } from './check-chain.ts';
import { asJournalError } from './journal-error.ts';
import { databasePath, structureProblem } from './sqlite-database.ts';
import { allEvents } from './sqlite-events.ts';
import { SqliteLeases } from './sqlite-leases.ts';

export type JournalVerification =
  | {
      readonly ok: true;
      readonly events: number;
      readonly streams: number;
      /** Null while the journal is empty. */
      readonly head: Anchor | null;
    }
  | {
      readonly ok: false;
      readonly code: ChainProblem['code'];
      /** A sentence that names the event, for people. */
      readonly problem: string;
      /** Left out when the event that would tell is missing. */
      readonly stream?: string;
      /** The first event that is changed, missing or out of place; left out when the file cannot be read at all. */
      readonly seq?: number;
    };

/**
 * Reads the whole journal of a directory and changes no event; a controller may be appending to it meanwhile. Finds a changed,
 * removed, moved or cut-off event. Rejects only with `journal-locked` or `journal-unusable`.
 */
export async function verifyJournalFile(directory: string): Promise<JournalVerification> {
  try {
    // Before the database: what is appended in between puts the journal ahead of its anchor, which is in order.
    const anchor = await readAnchor(directory);
    if (!existsSync(databasePath(directory))) return withoutDatabase(anchor);
    using database = new DatabaseSync(databasePath(directory), { readOnly: true, timeout: 2_000 });
    return told(verifyDatabase(database, anchor));
  } catch (error) {
    const known = asJournalError(error, directory) as Error & { code?: unknown };
    if (known.code !== 'journal-damaged') throw known;
    return { ok: false, code: 'unreadable', problem: known.message };
  }
}

/** Checks SQLite's own structure, then the chain. The problem of a damaged file is `unreadable`. */
export function verifyDatabase(database: DatabaseSync, anchor: Anchor | null): ChainCheck {
  try {
    const chain = checkChain(allEvents(database), anchor);
    if (chain.problem !== null) return chain;
    // The events may be whole while an index that leads to them, or the table of leases, is not.
    new SqliteLeases(database);
    const broken = structureProblem(database);
    const problem = broken === null ? missingAnchor(chain, anchor) : unreadable(broken);
    return { ...chain, problem };
  } catch (error) {
    const known = asJournalError(error, 'its directory') as Error & { code?: unknown };
    if (known.code !== 'journal-damaged') throw error;
    return { events: 0, streams: 0, head: null, problem: unreadable(`${(error as Error).message}.`) };
  }
}

function told({ events, streams, head, problem }: ChainCheck): JournalVerification {
  if (problem === null) return { ok: true, events, streams, head };
  const { code, message, stream, sequence } = problem;
  return {
    ok: false,
    code,
    problem: message,
    ...(stream === null ? {} : { stream }),
    ...(sequence === null ? {} : { seq: sequence }),
  };
}

function withoutDatabase(anchor: Anchor | null): JournalVerification {
  if (anchor !== null && anchor.sequence > 0) return told(checkChain([], anchor));
  return { ok: true, events: 0, streams: 0, head: null };
}

function missingAnchor({ head }: ChainCheck, anchor: Anchor | null): ChainProblem | null {
  if (anchor !== null || head === null) return null;
  const message = `The anchor file is missing, so that nobody can tell whether events after ${head.sequence} were cut off.`;
  return { code: 'tail-cut-off', sequence: head.sequence + 1, stream: null, message };
}

function unreadable(reason: string): ChainProblem {
  const message = `SQLite cannot read the journal whole: ${reason}`;
  return { code: 'unreadable', sequence: null, stream: null, message };
}
