import { parseTargetId, type RolloutId } from '../base/ids.ts';
import type { Journal, JournalEvent } from '../journal/journal.ts';
import { type NamedRollout, ReportNames } from '../report/report-name.ts';

/** What the documents of one rollout are called. */
export interface DocumentNames {
  /** What all of them share, such as `U-42-production`. */
  readonly name: string;
  readonly report: string;
  readonly plan: string;
}

const page = 1_000;

/** Names of the documents of every rollout, from the journal alone; reads only what is new since the last question. */
export class ReportIndex {
  readonly #journal: Journal;
  readonly #names = new ReportNames();
  #cursor = 0;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  /** For example `U-42-production`; the rollout's own id where the journal does not know it. */
  async nameOf(rollout: RolloutId): Promise<string> {
    for (;;) {
      const events = await this.#journal.readAll({ after: this.#cursor, limit: page });
      for (const event of events) {
        // Another question may have read them meanwhile; adding twice is adding once, in the same order.
        const request = requestOf(event);
        if (request !== null) this.#names.add(request);
        this.#cursor = Math.max(this.#cursor, event.sequence);
      }
      if (events.length < page) return this.#names.nameOf(rollout) ?? rollout;
    }
  }
}

function requestOf({ type, stream, data }: JournalEvent): NamedRollout | null {
  if (type !== 'RolloutRequested' || !stream.startsWith('target/')) return null;
  const { rollout, unit, backTo } = data as Pick<NamedRollout, 'rollout' | 'unit'> & {
    readonly backTo?: string;
  };
  const target = parseTargetId(stream.slice('target/'.length));
  return { target, rollout, unit, isRollback: backTo !== undefined };
}
