/** One core measures, decides and writes about four thousand times a second; half of that is left for everything else. */
const eachMs = 0.5;

/** How often rollouts are measured when a controller has many of them at once: rarer, and not all at the same moment. */
export class MeasuringPace {
  #rollouts = 0;
  #joined = 0;

  /** Gives how long to wait before the second look, ms, given the tick. */
  join(): (tickMs: number) => number {
    const place = this.#joined;
    this.#joined += 1;
    this.#rollouts += 1;
    // The first one alone keeps its tick; those that begin at one moment (a restart) come one after the other.
    return (tickMs) => (this.#rollouts === 1 ? tickMs : tickMs / 2 + ((place * eachMs) % tickMs));
  }

  leave(): void {
    this.#rollouts -= 1;
  }

  /** Up to two hundred rollouts at a tick of 100 ms, or a thousand at 500 ms, have the tick that they want. */
  tickMs(wantedMs: number): number {
    return Math.max(wantedMs, this.#rollouts * eachMs);
  }
}
