import type { ServerResponse } from 'node:http';
import type { SharedWakes, Turns } from '../base/shared-wakes.ts';

/** Time between two beats. */
export const beatMs = 2_000;
/** A watch that is asked for with this header gets them. A router of before knows no header, and no beat follows. */
export const beatHeader = 'sluice-beat';

/**
 * A byte each two seconds on every watch that asked for it: a router that hangs keeps its connections, and asking it again
 * and again costs both sides ten times as much.
 */
export class WatchBeats {
  #wakes: SharedWakes;
  #watches = new Set<ServerResponse>();
  /** Null while nobody listens. */
  #turns: Turns | null = null;

  constructor(wakes: SharedWakes) {
    this.#wakes = wakes;
  }

  add(watch: ServerResponse): void {
    this.#watches.add(watch);
    watch.once('close', () => {
      this.#watches.delete(watch);
      if (this.#watches.size === 0) this.#stop();
    });
    if (this.#turns !== null) return;
    this.#turns = this.#wakes.join(beatMs);
    this.#turns.next(() => this.#beat());
  }

  #beat(): void {
    // A watcher that stands still for hours must not fill the memory of this one.
    for (const watch of this.#watches) if (watch.writableLength === 0) watch.write('\n');
    this.#turns?.next(() => this.#beat());
  }

  #stop(): void {
    this.#turns?.leave();
    this.#turns = null;
  }
}
