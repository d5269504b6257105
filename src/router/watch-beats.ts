import type { ServerResponse } from 'node:http';
import type { Cancel } from '../base/clock.ts';
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
  #turns: Turns;
  #watches = new Set<ServerResponse>();
  #cancel: Cancel | null = null;

  constructor(wakes: SharedWakes) {
    this.#turns = wakes.join(beatMs);
  }

  add(watch: ServerResponse): void {
    this.#watches.add(watch);
    watch.once('close', () => {
      this.#watches.delete(watch);
      if (this.#watches.size === 0) this.#stop();
    });
    this.#cancel ??= this.#turns.next(() => this.#beat());
  }

  #beat(): void {
    // A watcher that stands still for hours must not fill the memory of this one.
    for (const watch of this.#watches) if (watch.writableLength === 0) watch.write('\n');
    this.#cancel = this.#turns.next(() => this.#beat());
  }

  #stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }
}
