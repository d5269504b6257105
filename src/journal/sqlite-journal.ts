import type { DatabaseSync } from 'node:sqlite';
import { type Clock, sleep, systemClock } from '../base/clock.ts';
import { digestOfBytes } from '../base/digest.ts';
import { readAnchor, writeAnchor } from './anchor.ts';
import { AppendQueue, type AppendRequest } from './append-queue.ts';
import { encodeEvent } from './encode-event.ts';
import type {
  AppendResult,
  Journal,
  JournalEvent,
  JournalProblem,
  Lease,
  LeaseResult,
  NewEvent,
  Range,
  Snapshot,
} from './journal.ts';
import { asJournalError, closed, isBusy } from './journal-error.ts';
import { ofTypes } from './of-types.ts';
import { type CheckedDatabase, openChecked } from './open-checked.ts';
import { RecentEvents } from './recent-events.ts';
import { inTransaction } from './sqlite-database.ts';
import type { SqliteEvents } from './sqlite-events.ts';
import { SqliteLeases } from './sqlite-leases.ts';
import { verifyDatabase } from './verify-journal.ts';

export interface SqliteJournalOptions {
  /** Made with mode 0700 when missing. Holds journal.db (0600), SQLite's side files, and journal.anchor. */
  readonly directory: string;
  /** Times the waiting for a lock. Default: the system's. */
  readonly clock?: Clock;
  /** How long to wait for another process's lock, milliseconds; then `journal-locked`. Default 2,000. */
  readonly lockWaitMs?: number;
  /** Default: that of anchor.ts. Tests give one that fails. */
  readonly writeAnchor?: typeof writeAnchor;
}

type Settings = Required<SqliteJournalOptions>;

const lockRetryMs = 20;

/**
 * Opens the journal in a directory, or begins one. Rejects with `journal-cut-off`, `journal-damaged`, `journal-locked`,
 * `journal-disk-full`, `journal-newer` or `journal-unusable`; so do the methods of what it gives.
 */
export async function openSqliteJournal(options: SqliteJournalOptions): Promise<Journal> {
  const settings = { clock: systemClock, lockWaitMs: 2_000, writeAnchor, ...options };
  try {
    const retry = <T>(work: () => T) => whenUnlocked(settings, work);
    return new SqliteJournal(await openChecked(settings.directory, { ...settings, retry }), settings);
  } catch (error) {
    throw asJournalError(error, settings.directory);
  }
}

class SqliteJournal implements Journal {
  readonly #database: DatabaseSync;
  readonly #events: SqliteEvents;
  readonly #leases: SqliteLeases;
  readonly #settings: Settings;
  readonly #listeners = new Set<(event: JournalEvent) => void>();
  readonly #recent = new RecentEvents();
  readonly #queue = new AppendQueue((requests) => this.#commit(requests));
  #published: number;
  #closed = false;

  constructor({ database, events, head }: CheckedDatabase, settings: Settings) {
    this.#database = database;
    this.#events = events;
    this.#leases = new SqliteLeases(database);
    this.#settings = settings;
    this.#published = head.sequence;
  }

  async append(
    stream: string,
    expectedVersion: number,
    events: readonly NewEvent[],
    options: { readonly lease?: Pick<Lease, 'name' | 'fence'> } = {},
  ): Promise<AppendResult> {
    if (this.#closed) throw closed(this.#settings.directory);
    const encoded = events.map(encodeEvent);
    return this.#queue.add({
      stream: stream.toWellFormed(),
      expectedVersion,
      events: encoded,
      lease: options.lease,
    });
  }

  async read(stream: string, range: Partial<Range> = {}): Promise<readonly JournalEvent[]> {
    const { after = 0, limit = Number.POSITIVE_INFINITY } = range;
    return this.#run(() => this.#events.read(stream.toWellFormed(), { ...range, after, limit }));
  }

  async readAll(range: Range): Promise<readonly JournalEvent[]> {
    return this.#run(() => this.#known(range) ?? this.#events.readAll(range));
  }

  async streams(): Promise<readonly string[]> {
    return this.#run(() => this.#events.streams());
  }

  async head(): Promise<{ readonly sequence: number; readonly hash: string } | null> {
    await this.#queue.idle();
    return this.#run(() => this.#events.head());
  }

  subscribe(listener: (event: JournalEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async saveSnapshot(snapshot: Snapshot): Promise<void> {
    const json = JSON.stringify(snapshot);
    const statement = 'INSERT OR REPLACE INTO snapshot VALUES (?, ?, ?)';
    await this.#run(() => this.#database.prepare(statement).run(snapshot.stream, json, digestOfBytes(json)));
  }

  async loadSnapshot(stream: string): Promise<Snapshot | null> {
    const statement = 'SELECT snapshot, digest FROM snapshot WHERE stream = ?';
    const row = await this.#run(() => this.#database.prepare(statement).get(stream));
    // A snapshot only saves work: one with a changed byte is passed over, and the events are replayed from the first.
    if (row === undefined || digestOfBytes(String(row.snapshot)) !== row.digest) return null;
    return JSON.parse(String(row.snapshot)) as Snapshot;
  }

  async acquireLease(
    name: string,
    holder: string,
    options: { readonly now: number; readonly ttlMs: number; readonly above?: number },
  ): Promise<LeaseResult> {
    return this.#run(() => inTransaction(this.#database, () => this.#leases.acquire(name, holder, options)));
  }

  async releaseLease(lease: Pick<Lease, 'name' | 'fence'>): Promise<void> {
    await this.#run(() => this.#leases.release(lease));
  }

  async verify(): Promise<readonly JournalProblem[]> {
    const anchor = await readAnchor(this.#settings.directory);
    const { problem } = await this.#run(() => verifyDatabase(this.#database, anchor));
    if (problem === null) return [];
    const { code, sequence, message } = problem;
    return [{ code, sequence, message }];
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#queue.idle();
    this.#listeners.clear();
    this.#database.close();
  }

  async #commit(requests: readonly AppendRequest[]): Promise<readonly AppendResult[]> {
    const { directory } = this.#settings;
    try {
      const decide = () => requests.map((request) => this.#decide(request));
      const results = await whenUnlocked(this.#settings, () => inTransaction(this.#database, decide));
      for (const result of results) if (result.kind === 'appended') this.#recent.add(result.events);
      // Not only what this commit appended: an anchor that could not be written earlier is made good here.
      const head = this.#events.head();
      if (head !== null && head.sequence > this.#published) {
        await this.#settings.writeAnchor(directory, head);
        this.#publish(head.sequence, results);
      }
      return results;
    } catch (error) {
      throw asJournalError(error, directory);
    }
  }

  /** Null where they are not known without reading. */
  #known({ after, limit, types }: Range): readonly JournalEvent[] | null {
    const head = this.#events.head();
    const events = head === null ? null : this.#recent.after(after, limit, head);
    return events === null ? null : ofTypes(events, types);
  }

  #decide({ stream, expectedVersion, events, lease }: AppendRequest): AppendResult {
    if (lease !== undefined) {
      const newest = this.#leases.newest(lease.name);
      if (newest?.fence !== lease.fence) return { kind: 'fenced', holder: newest?.holder ?? 'nobody' };
    }
    const actualVersion = this.#events.version(stream);
    if (actualVersion !== expectedVersion) return { kind: 'version-conflict', actualVersion };
    return { kind: 'appended', events: this.#events.append(stream, expectedVersion, events) };
  }

  /** What this commit appended; from the table, where an earlier one's anchor could not be written, or others write too. */
  #publish(upTo: number, results: readonly AppendResult[]): void {
    const from = this.#published;
    this.#published = upTo;
    if (this.#listeners.size === 0) return;
    const own = results.flatMap((result) => (result.kind === 'appended' ? result.events : []));
    const complete = own.length === upTo - from && own[0]?.sequence === from + 1;
    for (const event of complete ? own : this.#events.readAll({ after: from, limit: upTo - from })) {
      for (const listener of this.#listeners) tell(listener, event);
    }
  }

  async #run<T>(work: () => T): Promise<T> {
    const { directory } = this.#settings;
    try {
      return await whenUnlocked(this.#settings, () => {
        if (!this.#database.isOpen) throw closed(directory);
        return work();
      });
    } catch (error) {
      throw asJournalError(error, directory);
    }
  }
}

/** A listener that throws is a defect of its own; it must not make an append look as if it had failed. */
function tell(listener: (event: JournalEvent) => void, event: JournalEvent): void {
  try {
    listener(event);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

/** SQLite is asked again and again instead of being let wait, because its own waiting would hold up the event loop. */
async function whenUnlocked<T>({ clock, lockWaitMs }: Settings, work: () => T): Promise<T> {
  const deadline = clock.monotonicMs() + lockWaitMs;
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error) || clock.monotonicMs() >= deadline) throw error;
    }
    await sleep(clock, lockRetryMs);
  }
}
