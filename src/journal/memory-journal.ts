import { type EncodedEvent, encodeEvent } from './encode-event.ts';
import { chainHash, genesisHash } from './hash-chain.ts';
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
import { ofTypes } from './of-types.ts';

/** The journal without a disk, for tests and the simulator. Keeps JSON, so that what cannot be written is found here. */
export class MemoryJournal implements Journal {
  readonly #events: JournalEvent[] = [];
  readonly #streams = new Map<string, JournalEvent[]>();
  readonly #snapshots = new Map<string, string>();
  readonly #leases = new Map<string, Lease>();
  readonly #listeners = new Set<(event: JournalEvent) => void>();

  async append(
    stream: string,
    expectedVersion: number,
    events: readonly NewEvent[],
    options: { readonly lease?: Pick<Lease, 'name' | 'fence'> } = {},
  ): Promise<AppendResult> {
    const { lease } = options;
    const encoded = events.map(encodeEvent);
    const newest = lease === undefined ? undefined : this.#leases.get(lease.name);
    if (lease !== undefined && newest?.fence !== lease.fence) {
      return { kind: 'fenced', holder: newest?.holder ?? 'nobody' };
    }
    const actualVersion = this.#of(stream).length;
    if (actualVersion !== expectedVersion) return { kind: 'version-conflict', actualVersion };
    const appended = encoded.map((event, index) => this.#chain(stream, expectedVersion + index + 1, event));
    for (const event of appended) for (const listener of this.#listeners) listener(event);
    return { kind: 'appended', events: appended };
  }

  async read(stream: string, range: Partial<Range> = {}): Promise<readonly JournalEvent[]> {
    const { after = 0, limit = Number.POSITIVE_INFINITY, types } = range;
    return ofTypes(this.#of(stream).slice(after, after + limit), types);
  }

  async readAll({ after, limit, types }: Range): Promise<readonly JournalEvent[]> {
    return ofTypes(this.#events.slice(after, after + limit), types);
  }

  async streams(): Promise<readonly string[]> {
    return [...this.#streams.keys()];
  }

  async head(): Promise<{ readonly sequence: number; readonly hash: string } | null> {
    const last = this.#events.at(-1);
    return last === undefined ? null : { sequence: last.sequence, hash: last.hash };
  }

  subscribe(listener: (event: JournalEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async saveSnapshot(snapshot: Snapshot): Promise<void> {
    this.#snapshots.set(snapshot.stream, JSON.stringify(snapshot));
  }

  async loadSnapshot(stream: string): Promise<Snapshot | null> {
    return JSON.parse(this.#snapshots.get(stream) ?? 'null') as Snapshot | null;
  }

  async acquireLease(
    name: string,
    holder: string,
    { now, ttlMs, above = 0 }: { readonly now: number; readonly ttlMs: number; readonly above?: number },
  ): Promise<LeaseResult> {
    const held = this.#leases.get(name);
    if (held !== undefined && held.holder !== holder && held.expiresAt > now)
      return { kind: 'held', lease: held };
    const goesOn = held?.holder === holder && held.expiresAt > now;
    const fence = goesOn ? held.fence : Math.max(held?.fence ?? 0, above) + 1;
    const lease = { name, holder, fence, expiresAt: now + ttlMs };
    this.#leases.set(name, lease);
    return { kind: 'acquired', lease };
  }

  async releaseLease({ name, fence }: Pick<Lease, 'name' | 'fence'>): Promise<void> {
    const held = this.#leases.get(name);
    if (held?.fence === fence) this.#leases.set(name, { ...held, expiresAt: 0 });
  }

  async verify(): Promise<readonly JournalProblem[]> {
    let previous: string = genesisHash;
    for (const event of this.#events) {
      if (chainHash(previous, event) !== event.hash) {
        const message = `Event ${event.sequence} does not follow from the one before it.`;
        return [{ code: 'hash-mismatch', sequence: event.sequence, message }];
      }
      previous = event.hash;
    }
    return [];
  }

  async close(): Promise<void> {
    this.#listeners.clear();
  }

  #of(stream: string): readonly JournalEvent[] {
    return this.#streams.get(stream) ?? [];
  }

  #chain(stream: string, version: number, { type, data, at, actor }: EncodedEvent): JournalEvent {
    const sequence = this.#events.length + 1;
    const event = { stream, version, sequence, type, data, at, actor };
    const chained = { ...event, hash: chainHash(this.#events.at(-1)?.hash ?? genesisHash, event) };
    this.#events.push(chained);
    const known = this.#streams.get(stream);
    if (known === undefined) this.#streams.set(stream, [chained]);
    else known.push(chained);
    return chained;
  }
}
