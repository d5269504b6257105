import type { Cancel, Clock } from '../../base/clock.ts';
import { type HostPort, parseHostPort } from '../host-port.ts';
import { UpstreamConnection } from './upstream-connection.ts';

/** Below the five seconds after which a Node server closes an idle connection, so that reuse seldom meets a closing one. */
const idleMs = 4_000;
const sweepMs = 1_000;
const mostIdle = 1_024;

/** Kept connections for each instance address; the one that was used last is taken first. */
export class UpstreamPool {
  #clock: Clock;
  #places = new Map<string, Place>();
  #cancelSweep: Cancel | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A kept connection that still stands, or a new one. */
  take(address: string): UpstreamConnection {
    const { idle } = this.#place(address);
    for (let kept = idle.pop(); kept !== undefined; kept = idle.pop()) {
      if (kept.closed) continue;
      if (this.#clock.monotonicMs() - kept.idleSinceMs < kept.idleMs) {
        kept.reused = true;
        kept.silent = true;
        return kept;
      }
      kept.destroy();
    }
    return this.open(address);
  }

  open(address: string): UpstreamConnection {
    return new UpstreamConnection(address, this.#place(address).hostPort, { clock: this.#clock, idleMs });
  }

  /** Keeps a connection whose exchange ended well, for as long as the instance is expected to. */
  release(connection: UpstreamConnection, keepAliveSeconds: number | null): void {
    const place = this.#places.get(connection.address);
    connection.user = null;
    if (keepAliveSeconds !== null) connection.idleMs = Math.min(idleMs, keepAliveSeconds * 1_000 - 500);
    if (place === undefined || connection.closed || place.idle.length >= mostIdle || connection.idleMs <= 0) {
      connection.destroy();
      return;
    }
    connection.idleSinceMs = this.#clock.monotonicMs();
    place.idle.push(connection);
    this.#cancelSweep ??= this.#clock.after(sweepMs, () => this.#sweep());
  }

  /** Closes the idle connections; those in use end with their exchange. */
  retire(address: string): void {
    const place = this.#places.get(address);
    this.#places.delete(address);
    for (const connection of place?.idle ?? []) connection.destroy();
  }

  close(): void {
    this.#cancelSweep?.();
    for (const address of [...this.#places.keys()]) this.retire(address);
  }

  #place(address: string): Place {
    let place = this.#places.get(address);
    if (place === undefined) {
      place = { hostPort: parseHostPort(address), idle: [] };
      this.#places.set(address, place);
    }
    return place;
  }

  #sweep(): void {
    const now = this.#clock.monotonicMs();
    let left = 0;
    for (const place of this.#places.values()) {
      const stale = place.idle.filter((one) => one.closed || now - one.idleSinceMs >= one.idleMs);
      if (stale.length > 0) place.idle = place.idle.filter((one) => !stale.includes(one));
      for (const one of stale) one.destroy();
      left += place.idle.length;
    }
    this.#cancelSweep = left > 0 ? this.#clock.after(sweepMs, () => this.#sweep()) : null;
  }
}

interface Place {
  readonly hostPort: HostPort;
  idle: UpstreamConnection[];
}
