import type { JournalEvent } from './journal.ts';

/** So many at least are kept, and up to twice as many: whoever follows the journal is seldom further behind. */
const kept = 500;

/** The last events that this process wrote, for whoever follows the journal: they need no reading, parsing and checking. */
export class RecentEvents {
  /** Without a gap. */
  #events: JournalEvent[] = [];

  /** Committed events, in order. */
  add(events: readonly JournalEvent[]): void {
    for (const event of events) {
      const last = this.#events.at(-1);
      // Another process wrote in between.
      if (last !== undefined && last.sequence + 1 !== event.sequence) this.#events = [];
      this.#events.push(event);
    }
    if (this.#events.length > 2 * kept) this.#events = this.#events.slice(-kept);
  }

  /** What comes after a sequence; null where that is not known here, because it is older or because others wrote last. */
  after(
    sequence: number,
    limit: number,
    head: Pick<JournalEvent, 'sequence' | 'hash'>,
  ): readonly JournalEvent[] | null {
    const [first, last] = [this.#events[0], this.#events.at(-1)];
    if (first === undefined || last?.hash !== head.hash || sequence < first.sequence - 1) return null;
    const from = sequence - first.sequence + 1;
    return this.#events.slice(from, from + Math.max(0, limit));
  }
}
