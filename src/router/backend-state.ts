import type { Backend } from '../base/route-table.ts';
import type { InstanceCounter } from './instance-counter.ts';

/** What the router knows of an instance beside its counts. */
export class BackendState {
  backend: Backend;
  readonly counter: InstanceCounter;
  /** The table in force names it. */
  named = true;
  /** Seen dead or unhealthy: gets nothing until its probes are good again. */
  out = false;
  /** Connections are refused, so it is asked more often whether it is back. */
  refusing = false;
  failures = 0;
  successes = 0;
  /** How to end each exchange that is in flight. */
  readonly inFlight = new Set<{ cut(): void }>();
  #waiting: (() => void)[] = [];

  constructor(backend: Backend, counter: InstanceCounter) {
    this.backend = backend;
    this.counter = counter;
  }

  leave(exchange: { cut(): void }): void {
    this.inFlight.delete(exchange);
    if (this.inFlight.size > 0) return;
    for (const tell of this.#waiting.splice(0)) tell();
  }

  /** Calls once when nothing is in flight; gives a way to stop waiting. */
  whenIdle(tell: () => void): () => void {
    if (this.inFlight.size === 0) {
      tell();
      return () => {};
    }
    this.#waiting.push(tell);
    return () => {
      this.#waiting = this.#waiting.filter((one) => one !== tell);
    };
  }

  markOut(): void {
    this.out = true;
    this.successes = 0;
  }

  renew(backend: Backend): void {
    if (backend.address !== this.backend.address) {
      this.out = false;
      this.refusing = false;
      this.failures = 0;
      this.successes = 0;
    }
    this.backend = backend;
    this.named = true;
  }
}
