import { type ClientRequest, request } from 'node:http';
import type { Cancel, Clock } from '../../base/clock.ts';
import { beatHeader } from '../../router/watch-beats.ts';

const againMs = 200;

/** What the watcher is told; each default does nothing. */
export interface WatchNews {
  /** The router is there after it was not; the first time only if it was missed before. */
  readonly reached?: () => void;
  /** The watch ended, or was asked for in vain. */
  readonly lost?: () => void;
  /** The router said something: at the beginning and then, when anybody listens for it, each `beatMs`. */
  readonly heard?: () => void;
}

/**
 * Holds `GET /watch` open for as long as the router runs, so that its end is known at once, and asks again until it is
 * there.
 */
export class RouterWatch {
  #door: { readonly socketPath: string; readonly clock: Clock };
  #news: WatchNews;
  #missed = false;
  #closed = false;
  #asked: ClientRequest | null = null;
  #cancel: Cancel | null = null;

  constructor(door: { readonly socketPath: string; readonly clock: Clock }, news: WatchNews) {
    this.#door = door;
    this.#news = news;
    this.#ask();
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
    this.#asked?.destroy();
  }

  #ask(): void {
    const { socketPath, clock } = this.#door;
    const { reached, lost, heard } = this.#news;
    const headers = heard === undefined ? {} : { [beatHeader]: 'yes' };
    const asked = request({ socketPath, path: '/watch', agent: false, headers });
    this.#asked = asked;
    asked.on('response', (response) => {
      response.on('error', () => {});
      // A router answers the watch only when its routes are restored and its door is open.
      if (response.statusCode !== 200) return void response.resume();
      response.on('data', () => heard?.());
      if (this.#missed && !this.#closed) reached?.();
      this.#missed = false;
    });
    // An error is always followed by 'close', which asks again.
    asked.on('error', () => {});
    asked.once('close', () => {
      if (this.#closed) return;
      this.#missed = true;
      this.#cancel = clock.after(againMs, () => this.#ask());
      lost?.();
    });
    asked.end();
  }
}
