import type { JournalEvent } from '../journal/journal.ts';
import type { RolloutEvent } from '../rollout/event.ts';
import { evolve } from '../rollout/evolve.ts';
import type { TargetState } from '../rollout/state.ts';

/**
 * Folds events of a target as `evolve` does, one after the other, and sooner: what was measured of a rollout ends with it,
 * and most of a long stream is measurements of rollouts that have ended.
 */
export class StreamFold {
  #state: TargetState;
  readonly #evolve: typeof evolve;
  /** Of the rollout that has the floor. */
  #held: RolloutEvent[] = [];
  /** The last state without a rollout that was come by, with the hash of its last event. */
  rest: { readonly state: TargetState; readonly hash: string } | null = null;

  constructor(state: TargetState, rule: typeof evolve = evolve) {
    this.#state = state;
    this.#evolve = rule;
  }

  add({ type, data, hash, version }: JournalEvent): void {
    this.#held.push({ type, ...(data as object) } as RolloutEvent);
    if (this.#state.rollout !== null && type !== 'RolloutEnded') return;
    this.#take(this.#held.filter((event) => event.type !== 'BatchRecorded'));
    this.#state = { ...this.#state, version };
    if (this.#state.rollout === null) this.rest = { state: this.#state, hash };
  }

  state(): TargetState {
    this.#take(this.#held);
    return this.#state;
  }

  #take(events: readonly RolloutEvent[]): void {
    this.#held = [];
    this.#state = events.reduce(this.#evolve, this.#state);
  }
}
