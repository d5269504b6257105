import { type Clock, systemClock } from '../src/base/clock.ts';

/** The system's clock, which knows for when the timer was set that is being served. */
export class DueClock implements Clock {
  /** Of `performance.now()`: when whatever runs now was due. */
  dueMs = 0;

  now(): number {
    return systemClock.now();
  }

  monotonicMs(): number {
    return systemClock.monotonicMs();
  }

  after(delayMs: number, callback: () => void): () => void {
    const dueMs = performance.now() + Math.max(0, delayMs);
    return systemClock.after(delayMs, () => {
      this.dueMs = dueMs;
      callback();
    });
  }
}
