import { type ClientRequest, request } from 'node:http';
import type { Cancel, Clock } from '../../base/clock.ts';

const againMs = 200;

/**
 * Holds `GET /watch` open for as long as the router runs, so that its end is known at once, and asks again until it is
 * there. Calls `reached` each time the router is there after it was not; the first time only if it was missed before. Calls
 * `lost` at its end, and each time that it was asked in vain.
 */
export class RouterWatch {
  #door: { readonly socketPath: string; readonly clock: Clock };
  #reached: () => void;
  #lost: () => void;
  #missed = false;
  #closed = false;
  #asked: ClientRequest | null = null;
  #cancel: Cancel | null = null;

  constructor(
    door: { readonly socketPath: string; readonly clock: Clock },
    reached: () => void,
    lost: () => void = () => {},
  ) {
    this.#door = door;
    this.#reached = reached;
    this.#lost = lost;
    this.#ask();
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
    this.#asked?.destroy();
  }

  #ask(): void {
    const { socketPath, clock } = this.#door;
    const asked = request({ socketPath, path: '/watch', agent: false });
    this.#asked = asked;
    asked.on('response', (response) => {
      response.on('error', () => {});
      response.resume();
      // A router answers the watch only when its routes are restored and its door is open.
      if (response.statusCode !== 200) return;
      if (this.#missed && !this.#closed) this.#reached();
      this.#missed = false;
    });
    // An error is always followed by 'close', which asks again.
    asked.on('error', () => {});
    asked.once('close', () => {
      if (this.#closed) return;
      this.#missed = true;
      this.#cancel = clock.after(againMs, () => this.#ask());
      this.#lost();
    });
    asked.end();
  }
}
