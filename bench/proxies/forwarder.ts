import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PlacedProcess } from './placed-process.ts';

/** Something between the load and the origin. */
export interface Forwarder {
  readonly name: string;
  readonly port: number;
  /** The process that carries the requests. */
  readonly pid: number;
  close(): Promise<void>;
}

/** What each proxy is made for: two instances behind it, of which the second one is a candidate with 10 %. */
export interface Place {
  readonly directory: string;
  /** Cores as `taskset` takes them, null for any. */
  readonly cores: string | null;
  readonly stablePort: number;
  readonly candidatePort: number;
}

export const candidatePercent = 10;

const startMs = 10_000;

/** Resolves when something listens there: a port of the loopback, or a socket by its path. */
export async function untilListening(started: PlacedProcess, place: number | string): Promise<void> {
  const limit = performance.now() + startMs;
  const look = async () => {
    while (!(await listens(place))) {
      if (performance.now() > limit) throw new Error(`nothing listens on ${place} after ${startMs} ms`);
      await sleep(25);
    }
  };
  await started.unlessItEnds(look());
}

function listens(place: number | string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = typeof place === 'number' ? connect(place, '127.0.0.1') : connect(place);
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}
