import type { Cancel, Clock } from '../base/clock.ts';
import type { TrafficCounts } from '../base/counts.ts';
import type { RouteTable } from '../base/route-table.ts';
import { errorFacts, SluiceError } from '../base/sluice-error.ts';
import { checkTable } from './check-table.ts';
import type { Engine } from './engine.ts';
import { collide, Listener } from './listener.ts';
import type { RouteStore } from './route-store.ts';
import { isRepeated, stillRouted } from './table-order.ts';
import { Target } from './target.ts';

/** Which table of a target is in force. */
export interface Applied {
  readonly fence: number;
  readonly version: number;
}

export interface SwitchboardTools {
  readonly engine: Engine;
  readonly store: RouteStore;
  readonly clock: Clock;
  readonly random: () => number;
  readonly epoch: string;
}

const listenAgainMs = 1_000;

/** All targets and listeners. Changes come one after the other; each is on disk before it is in force. */
export class Switchboard {
  #tools: SwitchboardTools;
  #targets = new Map<string, Target>();
  #listeners = new Map<string, Listener>();
  #turn: Promise<unknown> = Promise.resolve();
  #cancelListen: Cancel | null = null;
  #closing = false;

  constructor(tools: SwitchboardTools) {
    this.#tools = tools;
  }

  /** Serves what was on disk. A listener that cannot be opened is tried again every second. */
  async restore(): Promise<void> {
    for (const table of await this.#tools.store.load())
      this.#targets.set(table.target, this.#newTarget(table));
    await this.#openMissing();
  }

  /** Rejects with `route-table-malformed`, `route-table-stale`, `listen-failed` or `routes-not-saved`. */
  apply(value: unknown): Promise<Applied> {
    return this.#inTurn(() => this.#apply(checkTable(value)));
  }

  /** Null for a target without a table, or whose listener could not be opened. */
  applied(target: string): Applied | null {
    const table = this.#targets.get(target)?.table;
    if (table === undefined || this.#listeners.get(table.listen)?.isOpen !== true) return null;
    return { fence: table.fence, version: table.version };
  }

  counts(target: string): TrafficCounts {
    const { epoch, clock } = this.#tools;
    const known = this.#targets.get(target)?.counts(epoch);
    return known ?? { epoch, at: clock.now(), instances: [], slots: [], routes: [], unserved: 0 };
  }

  /** Resolves when nothing is in flight on the instance, or cuts off the rest at the deadline. */
  async drained(
    target: string,
    instance: string,
    options: { readonly deadlineMs: number; readonly signal: AbortSignal },
  ): Promise<{ readonly cutOff: number }> {
    const state = this.#targets.get(target)?.state(instance);
    if (state === undefined) return { cutOff: 0 };
    if (state.named) throw stillRouted(target, instance);
    const { promise, resolve } = Promise.withResolvers<'idle' | 'late' | 'given-up'>();
    const stop = state.whenIdle(() => resolve('idle'));
    const cancel = this.#tools.clock.after(options.deadlineMs, () => resolve('late'));
    options.signal.addEventListener('abort', () => resolve('given-up'), { once: true });
    const end = await promise;
    stop();
    cancel();
    if (end !== 'late') return { cutOff: 0 };
    if (state.named) throw stillRouted(target, instance);
    const left = [...state.inFlight];
    for (const exchange of left) exchange.cut();
    return { cutOff: left.length };
  }

  remove(target: string): Promise<void> {
    return this.#inTurn(async () => {
      const gone = this.#targets.get(target);
      if (gone === undefined) return;
      await this.#tools.store.save(this.#tables().filter((table) => table.target !== target));
      this.#targets.delete(target);
      this.#serveAll();
      this.#retire(gone.addresses());
      gone.close();
    });
  }

  /** What people and supervisors are told. */
  targets(): readonly string[] {
    return [...this.#targets.keys()];
  }

  /** Stops accepting, lets requests in flight end, cuts off what is left after `graceMs`. */
  async close(graceMs: number): Promise<void> {
    this.#closing = true;
    this.#cancelListen?.();
    await this.#turn.catch(() => {});
    const listeners = [...this.#listeners.values()];
    const closed = Promise.all(listeners.map((listener) => listener.close()));
    for (const target of this.#targets.values()) target.close();
    const cancel = this.#tools.clock.after(graceMs, () => {
      for (const listener of listeners) listener.destroy();
    });
    await closed;
    cancel();
  }

  async #apply(table: RouteTable): Promise<Applied> {
    const { fence, version } = table;
    const known = this.#targets.get(table.target);
    if (known !== undefined && isRepeated(known.table, table) && this.applied(table.target) !== null) {
      return { fence, version };
    }
    const others = this.#tables().filter(({ target }) => target !== table.target);
    const other = others.find((one) => collide(one, table));
    if (other !== undefined) throw taken(table, other);
    const opened = await this.#openFor(table);
    try {
      await this.#tools.store.save([...others, table]);
    } catch (error) {
      await opened?.close();
      throw error;
    }
    if (opened !== null) this.#listeners.set(table.listen, opened);
    this.#putInForce(table, known);
    return { fence, version };
  }

  #putInForce(table: RouteTable, known: Target | undefined): void {
    const before = known?.addresses() ?? [];
    if (known === undefined) this.#targets.set(table.target, this.#newTarget(table));
    else known.apply(table);
    this.#serveAll();
    this.#retire(before);
  }

  async #openFor(table: RouteTable): Promise<Listener | null> {
    if (this.#listeners.has(table.listen)) return null;
    const listener = new Listener(table.listen);
    await listener.open(this.#tools.engine, [table]);
    return listener;
  }

  /** Gives each listener its targets; one without any closes after its last exchange. */
  #serveAll(): void {
    for (const [address, listener] of this.#listeners) {
      const targets = [...this.#targets.values()].filter(({ table }) => table.listen === address);
      if (targets.length > 0) listener.serve(targets);
      else {
        this.#listeners.delete(address);
        void listener.close();
      }
    }
  }

  async #openMissing(): Promise<void> {
    for (const { listen } of this.#tables()) {
      if (this.#listeners.has(listen) || this.#closing) continue;
      const listener = new Listener(listen);
      try {
        await listener.open(
          this.#tools.engine,
          this.#tables().filter((table) => table.listen === listen),
        );
        this.#listeners.set(listen, listener);
      } catch (error) {
        process.stderr.write(`${errorFacts(error).message} Trying again.\n`);
      }
    }
    this.#serveAll();
    if (this.#closing || this.#tables().every(({ listen }) => this.#listeners.has(listen))) return;
    this.#cancelListen = this.#tools.clock.after(listenAgainMs, () => {
      void this.#inTurn(() => this.#openMissing());
    });
  }

  #retire(before: readonly string[]): void {
    const now = new Set([...this.#targets.values()].flatMap((target) => target.addresses()));
    for (const address of before) if (!now.has(address)) this.#tools.engine.retire(address);
  }

  #newTarget(table: RouteTable): Target {
    return new Target(table, { clock: this.#tools.clock, random: this.#tools.random });
  }

  #tables(): readonly RouteTable[] {
    return [...this.#targets.values()].map(({ table }) => table);
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const next = this.#turn.then(change, change);
    this.#turn = next.catch(() => {});
    return next;
  }
}

function taken(table: RouteTable, other: RouteTable): SluiceError {
  return new SluiceError({
    code: 'listen-failed',
    message: `The router cannot listen on ${table.listen} for ${table.target}: ${other.target} answers the same hosts and paths there.`,
    remedy: 'Give one of them other hosts, another path prefix, or another `listen` address.',
    details: { address: table.listen, target: other.target },
  });
}
