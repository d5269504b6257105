import type { Cancel, Clock } from '../src/base/clock.ts';

interface Due {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
  cancelled: boolean;
}

/** Time that passes only when nothing else is left to do. Events of the same moment happen in the order they were asked for. */
export class VirtualClock implements Clock {
  #startedAt: number;
  /** A binary heap: the earliest is first. */
  readonly #queue: Due[] = [];
  #nowMs = 0;
  #order = 0;
  #quiet = false;

  /** `startedAt`: the wall clock at the beginning. */
  constructor(startedAt: number) {
    this.#startedAt = startedAt;
  }

  now(): number {
    return this.#startedAt + this.#nowMs;
  }

  /** The wall clock is set; what measures durations goes on. */
  jump(ms: number): void {
    this.#startedAt += ms;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, callback: () => void): Cancel {
    this.#order += 1;
    const due = {
      at: this.#nowMs + Math.max(0, delayMs),
      order: this.#order,
      run: callback,
      cancelled: false,
    };
    this.#push(due);
    return () => {
      due.cancelled = true;
    };
  }

  /** Says of the event that runs: nothing waits for it, so that what comes after it in time may come at once. */
  nothingFollows(): void {
    this.#quiet = true;
  }

  /**
   * Goes on until an event from which something may follow has run, none of them later than `untilMs`; false when there is
   * none, and the time is `untilMs`.
   */
  step(untilMs: number): boolean {
    for (let next = this.#queue[0]; next !== undefined && next.at <= untilMs; next = this.#queue[0]) {
      this.#pop();
      if (next.cancelled) continue;
      this.#nowMs = next.at;
      this.#quiet = false;
      next.run();
      if (!this.#quiet) return true;
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs);
    return false;
  }

  #push(due: Due): void {
    const heap = this.#queue;
    let at = heap.push(due) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(heap[at] as Due, heap[parent] as Due)) return;
      swap(heap, at, parent);
      at = parent;
    }
  }

  #pop(): void {
    const heap = this.#queue;
    swap(heap, 0, heap.length - 1);
    heap.pop();
    let at = 0;
    for (;;) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < heap.length && isBefore(heap[child] as Due, heap[least] as Due)) least = child;
      }
      if (least === at) return;
      swap(heap, at, least);
      at = least;
    }
  }
}

function isBefore(left: Due, right: Due): boolean {
  return left.at < right.at || (left.at === right.at && left.order < right.order);
}

function swap(heap: Due[], left: number, right: number): void {
  const kept = heap[left] as Due;
  heap[left] = heap[right] as Due;
  heap[right] = kept;
}
