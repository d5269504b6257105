import { type Clock, clockSlackMs } from '../base/clock.ts';

/** Notices when the wall clock was set forward, by comparing it with the one that measures durations. */
export class ClockJumps {
  readonly #clock: Clock;
  #apartMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#apartMs = clock.now() - clock.monotonicMs();
  }

  /** By how much it was set forward since the last question, ms; 0 when it was not. */
  take(): number {
    const apartMs = this.#clock.now() - this.#clock.monotonicMs();
    const byMs = apartMs - this.#apartMs;
    // What creeps forward adds up until it counts; a clock that was set back is begun with anew.
    if (byMs > 0 && byMs <= clockSlackMs) return 0;
    this.#apartMs = apartMs;
    return Math.max(0, Math.round(byMs));
  }
}
