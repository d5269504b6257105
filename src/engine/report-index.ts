import { parseTargetId, type RolloutId, type Target } from '../base/ids.ts';
import type { Journal, JournalEvent } from '../journal/journal.ts';
import { ReportNames } from '../report/report-name.ts';
import { type RolloutStory, storiesOf } from '../report/rollout-story.ts';
import { JournalFollower } from './journal-follower.ts';
import { toldOf } from './read-stories.ts';

/** What the documents of one rollout are called. */
export interface DocumentNames {
  /** What all of them share, such as `U-42-production`. */
  readonly name: string;
  readonly report: string;
  readonly plan: string;
}

/** Where a rollout begins in the stream of its target. A controller keeps each for ever: it holds nothing that others hold too. */
interface Begin {
  readonly name: string;
  readonly of: TargetBegins;
  readonly version: number;
  readonly backTo: RolloutId | null;
}

interface TargetBegins {
  readonly target: Target;
  readonly stream: string;
  /** In order. */
  readonly all: Begin[];
}

/**
 * Names and places of every rollout, from the journal alone. Reads only what is new since the last question, so that one
 * rollout can be told without reading the whole stream of its target.
 */
export class ReportIndex {
  readonly #journal: Journal;
  readonly #follower: JournalFollower;
  readonly #names = new ReportNames();
  readonly #begins = new Map<RolloutId, Begin>();
  readonly #streams = new Map<string, TargetBegins>();

  constructor(journal: Journal) {
    this.#journal = journal;
    // Once it has caught up it takes in what comes as it comes: most of that are measurements, and reading them is dear.
    this.#follower = new JournalFollower({
      types: ['RolloutRequested'],
      place: 'sequence',
      read: (range) => journal.readAll(range),
      take: (event) => this.#add(event),
    });
    journal.subscribe((event) => this.#follower.offer(event));
  }

  /** For example `U-42-production`; the rollout's own id where the journal does not know it. */
  async nameOf(rollout: RolloutId): Promise<string> {
    await this.#follower.catchUp();
    return this.#begins.get(rollout)?.name ?? rollout;
  }

  /** The story of a rollout; null where the journal does not know it. */
  async story(rollout: RolloutId): Promise<RolloutStory | null> {
    await this.#follower.catchUp();
    const begin = this.#begins.get(rollout);
    return begin === undefined ? null : this.#read(begin);
  }

  /**
   * The story of the rollout that an event of a stream belongs to, until that event and what it called a person for; null
   * before the first one. So a rollout that is told step by step is not read from end to end with each of them.
   */
  async storyAt({ stream, version }: Pick<JournalEvent, 'stream' | 'version'>): Promise<RolloutStory | null> {
    await this.#follower.catchUp();
    const begin = this.#streams.get(stream)?.all.findLast((one) => one.version <= version);
    return begin === undefined ? null : this.#read(begin, version + 1);
  }

  async #read(begin: Begin, upTo?: number): Promise<RolloutStory | null> {
    const events = await Promise.all(
      this.#chain(begin).map((one) => this.#eventsOf(one, one === begin ? upTo : undefined)),
    );
    return storiesOf(begin.of.target, events.flat().map(toldOf)).at(-1) ?? null;
  }

  /** A rollback is told with the rollouts that its release comes from, the oldest first. */
  #chain(begin: Begin): readonly Begin[] {
    const chain = [begin];
    for (let last: Begin | undefined = begin; last?.backTo; ) {
      last = this.#begins.get(last.backTo);
      if (last === undefined || chain.includes(last)) break;
      chain.unshift(last);
    }
    return chain;
  }

  /** Everything until the next rollout of the target begins, and nothing beyond a version where one is given. */
  async #eventsOf({ of, version }: Begin, upTo = Number.POSITIVE_INFINITY): Promise<readonly JournalEvent[]> {
    const next = of.all.find((one) => one.version > version);
    const last = Math.min(upTo, (next?.version ?? Number.POSITIVE_INFINITY) - 1);
    return this.#journal.read(of.stream, { after: version - 1, limit: last - version + 1 });
  }

  #add({ type, stream, version, data }: JournalEvent): void {
    if (type !== 'RolloutRequested' || !stream.startsWith('target/')) return;
    const { rollout, unit, backTo } = data as Pick<RolloutStory, 'rollout' | 'unit'> & {
      readonly backTo?: RolloutId;
    };
    const of = this.#beginsOf(stream);
    const name = this.#names.next({ target: of.target, rollout, unit, isRollback: backTo !== undefined });
    const begin = { name, of, version, backTo: backTo ?? null };
    this.#begins.set(rollout, begin);
    of.all.push(begin);
  }

  #beginsOf(stream: string): TargetBegins {
    const known = this.#streams.get(stream);
    if (known !== undefined) return known;
    const begun = { target: parseTargetId(stream.slice('target/'.length)), stream, all: [] };
    this.#streams.set(stream, begun);
    return begun;
  }
}
