/** Milliseconds since 1970-01-01T00:00:00Z. */
export type TimeMs = number;

/** Cancels what it was returned for; calling it twice does nothing. */
export type Cancel = () => void;

/** The only source of time. `sim/` has a virtual one; nothing else may call Date.now or setTimeout for a decision. */
export interface Clock {
  /** Wall-clock time; it can jump. Written into events. */
  now(): TimeMs;
  /** Never runs backwards and does not jump; for measuring durations only. */
  monotonicMs(): number;
  /** Runs `callback` once after `delayMs` (0 or negative: as soon as possible). */
  after(delayMs: number, callback: () => void): Cancel;
}

/** Wall clocks are put right by less than that all the time. */
export const clockSlackMs = 1_000;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, callback) {
    const longest = 2_147_483_647;
    const timer = setTimeout(callback, Math.min(Math.max(0, delayMs), longest));
    return () => clearTimeout(timer);
  },
};

export function sleep(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(delayMs, resolve);
  });
}
