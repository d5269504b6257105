import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Anchor } from './anchor.ts';
import type { EncodedEvent } from './encode-event.ts';
import { chainHash, chainHashOf, genesisHash } from './hash-chain.ts';
import type { JournalEvent, Range } from './journal.ts';
import { damaged } from './journal-error.ts';

interface Row {
  readonly sequence: number;
  readonly stream: string;
  readonly version: number;
  readonly type: string;
  readonly data: string;
  readonly at: number;
  readonly actor: string;
  readonly hash: string;
  readonly previous: string | null;
}

const select = `SELECT event.*, before.hash AS previous FROM event
  LEFT JOIN event AS before ON before.sequence = event.sequence - 1`;

const isOfType = 'event.type IN (SELECT value FROM json_each(?))';

/** Leaps from one stream to the next in the index, so that it costs as much as there are streams, and not events. */
const eachStream = `WITH RECURSIVE named (stream) AS (
    SELECT min(stream) FROM event UNION ALL
    SELECT (SELECT min(stream) FROM event WHERE stream > named.stream) FROM named WHERE named.stream IS NOT NULL)
  SELECT stream,
    (SELECT max(version) FROM event WHERE event.stream = named.stream) AS last,
    (SELECT sequence FROM event WHERE event.stream = named.stream AND version = 1) AS first
  FROM named WHERE stream IS NOT NULL ORDER BY first`;

/** The table of events. Every event that is read is checked against the one before it, so that a damaged one is never acted on. */
export class SqliteEvents {
  readonly #directory: string;
  readonly #insert: StatementSync;
  readonly #head: StatementSync;
  readonly #version: StatementSync;
  readonly #ofStream: StatementSync;
  readonly #someOfStream: StatementSync;
  readonly #ofAll: StatementSync;
  readonly #someOfAll: StatementSync;
  readonly #streams: StatementSync;

  constructor(database: DatabaseSync, directory: string) {
    this.#directory = directory;
    this.#insert = database.prepare('INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
    this.#head = database.prepare('SELECT sequence, hash FROM event ORDER BY sequence DESC LIMIT 1');
    this.#version = database.prepare(
      'SELECT version FROM event WHERE stream = ? ORDER BY version DESC LIMIT 1',
    );
    this.#ofStream = database.prepare(
      `${select} WHERE event.stream = ? AND event.version > ? ORDER BY event.version LIMIT ?`,
    );
    this.#someOfStream = database.prepare(
      `${select} WHERE event.stream = ? AND event.version > ? AND event.version <= ? AND ${isOfType} ORDER BY event.version`,
    );
    this.#ofAll = database.prepare(`${select} WHERE event.sequence > ? ORDER BY event.sequence LIMIT ?`);
    this.#someOfAll = database.prepare(
      `${select} WHERE event.sequence > ? AND event.sequence <= ? AND ${isOfType} ORDER BY event.sequence`,
    );
    this.#streams = database.prepare(eachStream);
  }

  head(): Anchor | null {
    const row = this.#head.get();
    return row === undefined ? null : { sequence: Number(row.sequence), hash: String(row.hash) };
  }

  version(stream: string): number {
    return Number(this.#version.get(stream)?.version ?? 0);
  }

  streams(): readonly string[] {
    return this.#streams.all().map(({ stream }) => String(stream));
  }

  /**
   * An index that hides the newest events of a stream gives a state of long ago, and no hash of the others tells. Versions
   * and sequences have no gaps: what the index leads to must come to as many events as the journal has.
   */
  demandEveryStreamWhole(): void {
    // The head first: another process may append in between.
    const { sequence } = this.head() ?? { sequence: 0 };
    const led = this.#streams.all().reduce((sum, { last }) => sum + Number(last), 0);
    if (led >= sequence) return;
    const reason = `its index leads to ${led} of ${sequence} events.`;
    throw damaged({ directory: this.#directory, reason });
  }

  read(stream: string, { after, limit, types }: Range): readonly JournalEvent[] {
    if (types !== undefined) {
      const some = this.#someOfStream.all(stream, after, lastOf(after, limit), JSON.stringify(types));
      return some.map((row) => this.#checked(row));
    }
    const events = this.#ofStream.all(stream, after, sqlLimit(limit)).map((row) => this.#checked(row));
    this.#demandConsecutive(events, after, ({ version }) => version);
    return events;
  }

  readAll({ after, limit, types }: Range): readonly JournalEvent[] {
    if (types !== undefined) {
      const some = this.#someOfAll.all(after, lastOf(after, limit), JSON.stringify(types));
      return some.map((row) => this.#checked(row));
    }
    const events = this.#ofAll.all(after, sqlLimit(limit)).map((row) => this.#checked(row));
    this.#demandConsecutive(events, after, ({ sequence }) => sequence);
    return events;
  }

  /** Must run inside a transaction. */
  append(stream: string, version: number, events: readonly EncodedEvent[]): readonly JournalEvent[] {
    let { sequence, hash } = this.head() ?? { sequence: 0, hash: genesisHash };
    return events.map(({ type, data, at, actor, json }, index) => {
      sequence += 1;
      const event = { stream, version: version + index + 1, sequence, type, data, at, actor };
      hash = chainHashOf(hash, event, json);
      this.#insert.run(sequence, stream, event.version, type, json, at, actor, hash);
      return { ...event, hash };
    });
  }

  #checked(found: Record<string, unknown>): JournalEvent {
    const row = found as unknown as Row;
    const { sequence } = row;
    const previous = sequence === 1 ? genesisHash : row.previous;
    const event = previous === null ? null : parseRow(row);
    if (event !== null && previous !== null && follows(previous, row, event)) return event;
    const reason = `event ${sequence} of ${row.stream} does not follow from the one before it.`;
    throw damaged({ directory: this.#directory, reason, sequence });
  }

  #demandConsecutive(
    events: readonly JournalEvent[],
    after: number,
    numberOf: (event: JournalEvent) => number,
  ): void {
    const gap = events.find((event, index) => numberOf(event) !== Math.max(0, after) + index + 1);
    if (gap === undefined) return;
    const reason = `an event before event ${gap.sequence} of ${gap.stream} is missing.`;
    throw damaged({ directory: this.#directory, reason, sequence: gap.sequence });
  }
}

/** Version 0.1 wrote the keys of the data in any order; since then the text is the one that was hashed. */
function follows(previous: string, row: Row, event: JournalEvent): boolean {
  return chainHashOf(previous, row, row.data) === row.hash || chainHash(previous, event) === row.hash;
}

/** Null when the data is not JSON. */
function parseRow(row: Omit<Row, 'previous'>): JournalEvent | null {
  const { sequence, stream, version, type, data, at, actor, hash } = row;
  try {
    return { stream, version, sequence, type, data: JSON.parse(data) as unknown, at, actor, hash };
  } catch {
    return null;
  }
}

/** All events in order of sequence, one row at a time, unchecked; what is not JSON becomes data that breaks the chain. */
export function* allEvents(database: DatabaseSync): Generator<JournalEvent> {
  for (const found of database.prepare('SELECT * FROM event ORDER BY sequence').iterate()) {
    const row = found as unknown as Row;
    yield parseRow(row) ?? { ...row, data: { unreadable: row.data } };
  }
}

/** The versions and sequences of a range have no gaps. */
function lastOf(after: number, limit: number): number {
  return Math.min(Math.max(0, after) + Math.max(0, Math.trunc(limit)), Number.MAX_SAFE_INTEGER);
}

function sqlLimit(limit: number): number {
  return Number.isFinite(limit) ? Math.max(0, Math.trunc(limit)) : -1;
}
