import type { Duplex } from 'node:stream';
import type { Cancel, Clock } from '../base/clock.ts';

const sweepMs = 250;

/**
 * Ends exchanges on which no byte moves. One sweep compares byte counters of all of them, so that a chunk costs nothing
 * and an exchange needs no timer of its own. An exchange ends at most a quarter of a second after its idle time.
 */
export class IdleWatch {
  #clock: Clock;
  #watched = new Set<Watched>();
  #cancel: Cancel | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  watch(sockets: readonly (Duplex | null)[], idleMs: number, onIdle: () => void): Cancel {
    const watched: Watched = { sockets, idleMs, onIdle, bytes: -1, since: this.#clock.monotonicMs() };
    this.#watched.add(watched);
    this.#cancel ??= this.#clock.after(sweepMs, () => this.#sweep());
    return () => this.#watched.delete(watched);
  }

  close(): void {
    this.#cancel?.();
    this.#watched.clear();
  }

  #sweep(): void {
    const now = this.#clock.monotonicMs();
    for (const watched of this.#watched) {
      const bytes = watched.sockets.reduce((sum, socket) => sum + bytesOf(socket), 0);
      if (bytes !== watched.bytes) {
        watched.bytes = bytes;
        watched.since = now;
      } else if (now - watched.since >= watched.idleMs) {
        this.#watched.delete(watched);
        watched.onIdle();
      }
    }
    this.#cancel = this.#watched.size > 0 ? this.#clock.after(sweepMs, () => this.#sweep()) : null;
  }
}

interface Watched {
  readonly sockets: readonly (Duplex | null)[];
  readonly idleMs: number;
  readonly onIdle: () => void;
  bytes: number;
  since: number;
}

function bytesOf(socket: Duplex | null): number {
  const { bytesRead = 0, bytesWritten = 0 } = (socket ?? {}) as { bytesRead?: number; bytesWritten?: number };
  return bytesRead + bytesWritten;
}
