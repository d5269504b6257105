import type { Clock } from '../base/clock.ts';
import type { Decision, Hold } from './engine.ts';

/** Holds new requests while a target is paused, bounded in time and number, and lets them go in the order they came. */
export class PauseGate {
  #clock: Clock;
  #held = new Set<Held>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Null when `most` already wait. `decide` is asked when the pause ends, `expire` when `waitMs` passed before.
   */
  hold(options: {
    readonly waitMs: number;
    readonly most: number;
    readonly decide: () => Decision;
    readonly expire: () => Decision;
  }): Hold | null {
    if (this.#held.size >= options.most) return null;
    const { promise, resolve } = Promise.withResolvers<Decision>();
    const drop = () => {
      cancel();
      this.#held.delete(held);
    };
    const held: Held = {
      release() {
        drop();
        resolve(options.decide());
      },
      expire() {
        drop();
        resolve(options.expire());
      },
    };
    const cancel = this.#clock.after(options.waitMs, held.expire);
    this.#held.add(held);
    return { settled: promise, leave: drop };
  }

  release(): void {
    for (const held of [...this.#held]) held.release();
  }

  /** Ends the waiting of all of them as if their time had passed. */
  expire(): void {
    for (const held of [...this.#held]) held.expire();
  }
}

interface Held {
  readonly release: () => void;
  readonly expire: () => void;
}
