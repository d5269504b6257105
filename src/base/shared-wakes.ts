import type { Cancel, Clock } from './clock.ts';

/** So many looks at one moment disturb nobody; more of them get moments of their own. */
const mostAtOnce = 16;
const apartMs = 50;

/** What comes again and again. */
export interface Turns {
  /**
   * Runs `callback` once, at the next turn that is not at hand already: `leastMs` away, default 50 ms or half a period. One
   * callback waits at a time; after `leave` none does.
   */
  next(callback: () => void, leastMs?: number): void;
  /** Lets go of the callback that waits, and gives the place to another one. */
  leave(): void;
}

/**
 * Moments at which a process does what it does again and again. A process that sleeps in between pays for each waking about
 * as much as for one look at an instance, so those with the same period wake it together, and a period of 2 s falls on each
 * second turn of a period of 1 s. From 17 on they are spread over the period, 16 at a time, 50 ms apart.
 */
export class SharedWakes {
  #clock: Clock;
  /** For each period in milliseconds, how many have each of its moments; those after the last that was needed are not there. */
  #taken = new Map<number, number[]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Turns `periodMs` apart, whatever the callback takes: one that is late by nearly a period gets the turn after next. */
  join(periodMs: number): Turns {
    const moments = this.#momentsOf(periodMs);
    const moment = freeIn(moments, Math.max(1, Math.floor(periodMs / apartMs)));
    moments[moment] = (moments[moment] ?? 0) + 1;
    let left = false;
    let cancel: Cancel = () => {};
    return {
      next: (callback, leastMs = Math.min(apartMs, periodMs / 2)) => {
        if (!left) cancel = this.#clock.after(this.#delay(periodMs, moment * apartMs, leastMs), callback);
      },
      leave: () => {
        cancel();
        if (!left) moments[moment] = (moments[moment] ?? 0) - 1;
        left = true;
      },
    };
  }

  #momentsOf(periodMs: number): number[] {
    const known = this.#taken.get(periodMs);
    if (known !== undefined) return known;
    const made: number[] = [];
    this.#taken.set(periodMs, made);
    return made;
  }

  #delay(periodMs: number, offsetMs: number, leastMs: number): number {
    const now = this.#clock.monotonicMs();
    const earliest = now + leastMs;
    return Math.ceil(Math.ceil((earliest - offsetMs) / periodMs) * periodMs + offsetMs - now);
  }
}

/** The first with room, else another one of at most so many, else the one that fewest have. */
function freeIn(moments: readonly number[], most: number): number {
  const withRoom = moments.findIndex((taken) => taken < mostAtOnce);
  if (withRoom >= 0) return withRoom;
  return moments.length < most ? moments.length : moments.indexOf(Math.min(...moments));
}
