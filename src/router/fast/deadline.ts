import type { Cancel, Clock } from '../../base/clock.ts';

/**
 * One moment that is set and cleared for each of many requests. The timer under it is left alone when the moment is
 * cleared and looks again when it fires, so that a request costs no timer.
 */
export class Deadline {
  #clock: Clock;
  #past: () => void;
  #at = Number.POSITIVE_INFINITY;
  #firesAt = Number.POSITIVE_INFINITY;
  #cancel: Cancel | null = null;

  constructor(clock: Clock, past: () => void) {
    this.#clock = clock;
    this.#past = past;
  }

  set(delayMs: number): void {
    this.#at = this.#clock.monotonicMs() + delayMs;
    if (this.#at < this.#firesAt) this.#arm(delayMs);
  }

  clear(): void {
    this.#at = Number.POSITIVE_INFINITY;
  }

  /** Nothing fires any more. */
  end(): void {
    this.clear();
    this.#cancel?.();
    this.#firesAt = Number.POSITIVE_INFINITY;
  }

  #arm(delayMs: number): void {
    this.#cancel?.();
    this.#firesAt = this.#at;
    this.#cancel = this.#clock.after(delayMs, () => this.#fire());
  }

  #fire(): void {
    this.#cancel = null;
    this.#firesAt = Number.POSITIVE_INFINITY;
    if (this.#at === Number.POSITIVE_INFINITY) return;
    const left = this.#at - this.#clock.monotonicMs();
    if (left > 0.5) this.#arm(left);
    else {
      this.clear();
      this.#past();
    }
  }
}
