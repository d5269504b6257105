import { type Target, targetId } from '../base/ids.ts';
import type { Journal } from '../journal/journal.ts';
import { emptyTarget, type TargetState } from '../rollout/state.ts';

/** Raised with whatever makes `evolve` give another state for the same events: what was remembered is then passed over. */
const schema = 3;

/** Folding so many events costs less than reading a snapshot is worth. */
const worthEvents = 500;

interface Remembered {
  /** Of the event after which the state was so: ties the snapshot to the chain. */
  readonly hash: string;
  readonly state: TargetState;
}

/**
 * The state of a target between two rollouts, so that a start folds only what came after. While a rollout runs, nothing is
 * remembered: its evidence holds numbers that JSON does not know, and has to come out of its batches bit for bit.
 */
export class TargetSnapshot {
  readonly #journal: Journal;
  readonly #stream: string;
  #version = 0;

  constructor(journal: Journal, stream: string) {
    this.#journal = journal;
    this.#stream = stream;
  }

  /** The newest one that this version of Sluice understands and the chain confirms; else the empty target. */
  async load(target: Target): Promise<TargetState> {
    const found = await this.#journal.loadSnapshot(this.#stream);
    if (found === null || found.schema !== schema) return emptyTarget(target);
    const { version } = found;
    const { hash, state } = found.state as Remembered;
    const [event] = await this.#journal.read(this.#stream, { after: version - 1, limit: 1 });
    if (event?.hash !== hash || state.version !== version) return emptyTarget(target);
    if (targetId(state.target) !== targetId(target)) return emptyTarget(target);
    this.#version = version;
    return state;
  }

  /** Remembers a state where that is worth it. `hash`: of the last event in it. */
  async offer(state: TargetState, hash: string): Promise<void> {
    const { version, rollout } = state;
    if (rollout !== null || version - this.#version < worthEvents) return;
    await this.#journal.saveSnapshot({ stream: this.#stream, version, schema, state: { hash, state } });
    this.#version = version;
  }
}
