/** One core measures, decides and writes more than fifteen hundred times a second; a third of that is left for everything else. */
const eachMs = 1;

/** Multiples of it, without their whole parts, lie spread however many there are and whichever of them are left. */
const goldenRatio = 0.618_033_988_749_895;

/** A moment on the monotonic clock, ms, given the tick and the one that was due last; null before the first. */
export type NextLook = (look: {
  readonly tickMs: number;
  readonly nowMs: number;
  readonly dueMs: number | null;
}) => number;

/**
 * How often rollouts are measured when a controller has many of them at once: rarer, and not all at the same moment. Each
 * keeps to a place of its own in the tick: if only the last look counted, those that one slow commit acknowledged would
 * be looked at together ever after.
 */
export class MeasuringPace {
  #rollouts = 0;
  #joined = 0;

  /** Gives when to look next: at least half a tick from now. */
  join(): NextLook {
    const share = (this.#joined * goldenRatio) % 1;
    this.#joined += 1;
    this.#rollouts += 1;
    return ({ tickMs, nowMs, dueMs }) => {
      const soonest = nowMs + tickMs / 2;
      // The first one alone keeps its tick.
      if (this.#rollouts === 1) return dueMs === null ? nowMs + tickMs : Math.max(dueMs + tickMs, soonest);
      const place = share * tickMs;
      return place + tickMs * Math.ceil((soonest - place) / tickMs);
    };
  }

  leave(): void {
    this.#rollouts -= 1;
  }

  /** Up to a hundred rollouts at a tick of 100 ms, or five hundred at 500 ms, have the tick that they want. */
  tickMs(wantedMs: number): number {
    return Math.max(wantedMs, this.#rollouts * eachMs);
  }
}
