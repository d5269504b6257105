import type { Clock } from '../base/clock.ts';
import { SharedWakes } from '../base/shared-wakes.ts';
import { SluiceError } from '../base/sluice-error.ts';
import { controlSocket } from './control-server.ts';
import type { ControlSocket } from './control-socket.ts';
import { createEngine, defaultEngine } from './create-engine.ts';
import type { Engine } from './engine.ts';
import { RouteStore } from './route-store.ts';
import { checkUpgrade, Successor, type Upgraded } from './successor.ts';
import { handedOver, Switchboard } from './switchboard.ts';
import { WatchBeats } from './watch-beats.ts';

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
  /** Default: the one of `defaultEngine`. */
  readonly engine?: Engine;
}

/**
 * Serves the routes on disk and then opens the control socket. Rejects with `routes-unreadable`, `router-running` or
 * `router-socket-failed`.
 */
export async function startRouter(options: RouterOptions): Promise<Router> {
  const router = new Router({ ...options, epoch: newEpoch(options.random) });
  if (options.reset === true) await resetUnreadable(new RouteStore(options.stateDir));
  try {
    await router.switchboard.restore();
    await router.door.listen();
    await router.door.takeFree();
    return router;
  } catch (error) {
    await router.close({ graceMs: 0 });
    throw error;
  }
}

/** A data plane with its door, until it is closed or another process has taken over. */
export class Router {
  readonly epoch: string;
  readonly switchboard: Switchboard;
  readonly door: ControlSocket;
  /** Resolves when another process has taken over and nothing is left here. */
  readonly left: Promise<void>;
  #options: RouterOptions;
  #engine: Engine;
  #leave: () => void;
  #successor: Successor | null = null;
  #handingOver: Promise<void> | null = null;
  #closed: Promise<void> | null = null;

  constructor(options: RouterOptions & { readonly epoch: string }) {
    const { clock, random, epoch, socketPath } = options;
    this.epoch = epoch;
    this.#options = options;
    this.#engine = options.engine ?? createEngine(defaultEngine, clock);
    const store = new RouteStore(options.stateDir);
    const wakes = new SharedWakes(clock);
    this.switchboard = new Switchboard({ engine: this.#engine, store, clock, wakes, random, epoch });
    this.door = controlSocket(socketPath, {
      switchboard: this.switchboard,
      epoch,
      engine: this.#engine.name,
      beats: new WatchBeats(wakes),
      upgrade: (asked) => this.#upgrade(asked),
      settled: async () => this.#handingOver ?? undefined,
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    this.left = promise;
    this.#leave = resolve;
  }

  /** Stops accepting, waits for the requests in flight for at most `graceMs` (default 10 s), then cuts them off. */
  async close({ graceMs = 10_000 }: { readonly graceMs?: number } = {}): Promise<void> {
    this.#successor?.giveUp();
    await this.switchboard.close(graceMs);
    this.#closed ??= this.#finish();
    await this.#closed;
  }

  async #finish(): Promise<void> {
    await this.door.close();
    this.#engine.close();
    await this.#successor?.lastReport();
    this.#leave();
  }

  /** Rejects with `router-upgrading`, `router-handed-over` or `router-upgrade-failed`; everything stays as it was then. */
  async #upgrade(value: unknown): Promise<Upgraded> {
    const asked = checkUpgrade(value);
    if (this.#successor !== null) throw upgrading();
    const { clock, stateDir, socketPath } = this.#options;
    const { switchboard, door, epoch } = this;
    const close = (graceMs: number) => this.close({ graceMs });
    const successor = new Successor({ switchboard, door, clock, epoch, stateDir, socketPath, close }, asked);
    this.#successor = successor;
    try {
      await successor.begun();
      return await switchboard.hold(() => this.#handOver(successor, asked.deadlineMs));
    } catch (error) {
      this.#successor = null;
      throw error;
    }
  }

  /** Who asks for counts meanwhile is told them by the one that has all. */
  async #handOver(successor: Successor, deadlineMs: number): Promise<Upgraded> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    promise.catch(() => {});
    this.#handingOver = promise;
    try {
      const upgraded = await successor.bring();
      this.#after(successor, deadlineMs);
      reject(handedOver());
      return upgraded;
    } catch (error) {
      this.#handingOver = null;
      resolve();
      throw error;
    }
  }

  #after(successor: Successor, deadlineMs: number): void {
    void successor.leave(deadlineMs);
    // A little later, so that who asked for the upgrade is told.
    this.#options.clock.after(100, () => void this.door.close());
  }
}

async function resetUnreadable(store: RouteStore): Promise<void> {
  try {
    await store.load();
  } catch {
    await store.setAside();
  }
}

function upgrading(): SluiceError {
  return new SluiceError({
    code: 'router-upgrading',
    message: 'Another upgrade of this router is under way.',
    remedy: 'Wait for its end, and see with `sluice doctor` which version runs then.',
  });
}

function newEpoch(random: () => number): string {
  return Array.from({ length: 4 }, () =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0'),
  ).join('');
}
