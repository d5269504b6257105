import type { Clock } from '../base/clock.ts';
import { startControlServer } from './control-server.ts';
import type { Engine } from './engine.ts';
import { RouteStore } from './route-store.ts';
import { createStandardEngine } from './standard-engine.ts';
import { Switchboard } from './switchboard.ts';

export interface RouterOptions {
  /** Holds `routes.json`. Made when it is missing. */
  readonly stateDir: string;
  /** The control socket; `socketPathFor` gives one that is short enough. */
  readonly socketPath: string;
  readonly clock: Clock;
  /** From 0 up to but without 1. */
  readonly random: () => number;
  /** Sets routes aside that cannot be read, instead of refusing to start. Default false. */
  readonly reset?: boolean;
  /** Default: the standard engine. */
  readonly engine?: Engine;
}

export interface Router {
  readonly epoch: string;
  /** Stops accepting, waits for the requests in flight for at most `graceMs` (default 10 s), then cuts them off. */
  close(options?: { readonly graceMs?: number }): Promise<void>;
}

/**
 * Serves the routes on disk and then opens the control socket. Rejects with `routes-unreadable`, `router-running` or
 * `router-socket-failed`.
 */
export async function startRouter(options: RouterOptions): Promise<Router> {
  const { clock, random } = options;
  const engine = options.engine ?? createStandardEngine(clock);
  const store = new RouteStore(options.stateDir);
  const epoch = newEpoch(random);
  const switchboard = new Switchboard({ engine, store, clock, random, epoch });
  if (options.reset === true) await resetUnreadable(store);
  try {
    await switchboard.restore();
    const control = await startControlServer(options.socketPath, { switchboard, epoch });
    return {
      epoch,
      async close({ graceMs = 10_000 } = {}) {
        await switchboard.close(graceMs);
        await control.close();
        engine.close();
      },
    };
  } catch (error) {
    await switchboard.close(0);
    engine.close();
    throw error;
  }
}

async function resetUnreadable(store: RouteStore): Promise<void> {
  try {
    await store.load();
  } catch {
    await store.setAside();
  }
}

function newEpoch(random: () => number): string {
  return Array.from({ length: 4 }, () =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0'),
  ).join('');
}
