import type { Cancel, Clock } from '../src/base/clock.ts';

/**
 * One run of the controller's process. When it is over nothing of it happens any more: its timers do not fire, answers do
 * not reach it, and what it still waits for is waited for in vain, as after `kill -9`. While it is frozen (SIGSTOP, a
 * laptop that sleeps) everything waits, and happens at once when it thaws.
 */
export class Life implements Clock {
  readonly name: string;
  alive = true;
  #backlog: (() => void)[] | null = null;
  readonly #clock: Clock;

  constructor(name: string, clock: Clock) {
    this.name = name;
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  monotonicMs(): number {
    return this.#clock.monotonicMs();
  }

  after(delayMs: number, callback: () => void): Cancel {
    let cancelled = false;
    const run = () => {
      if (this.alive && !cancelled) callback();
    };
    const cancel = this.#clock.after(delayMs, () => {
      if (this.#backlog === null) run();
      else this.#backlog.push(run);
    });
    return () => {
      cancelled = true;
      cancel();
    };
  }

  /** Resolves after the delay, and never when the life is over by then. */
  wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(delayMs, resolve);
    });
  }

  get frozen(): boolean {
    return this.#backlog !== null;
  }

  freeze(): void {
    this.#backlog ??= [];
  }

  thaw(): void {
    const backlog = this.#backlog ?? [];
    this.#backlog = null;
    for (const run of backlog) run();
  }

  end(): void {
    this.alive = false;
  }
}
