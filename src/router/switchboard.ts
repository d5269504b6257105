import type { Server } from 'node:net';
import type { Cancel, Clock } from '../base/clock.ts';
import type { TrafficCounts } from '../base/counts.ts';
import type { RouteTable } from '../base/route-table.ts';
import type { SharedWakes } from '../base/shared-wakes.ts';
import { errorFacts, SluiceError } from '../base/sluice-error.ts';
import { Certificates } from './certificates.ts';
import { checkTable } from './check-table.ts';
import type { Engine } from './engine.ts';
import { collide, Listener } from './listener.ts';
import { AccessLogs } from './request-log.ts';
import type { RouteStore } from './route-store.ts';
import { say } from './say.ts';
import { isRepeated, stillRouted } from './table-order.ts';
import { Target, type TargetReport } from './target.ts';

/** Which table of a target is in force. */
export interface Applied {
  readonly fence: number;
  readonly version: number;
}

export interface SwitchboardTools {
  readonly engine: Engine;
  readonly store: RouteStore;
  readonly clock: Clock;
  readonly wakes: SharedWakes;
  readonly random: () => number;
  readonly epoch: string;
}

/** The router before this one, for as long as it ends what began there. */
export interface Elder {
  /** How many processes there are, one behind the other. */
  readonly elders: number;
  /** Resolves when what it has follows the table, or when it is gone. */
  apply(table: RouteTable): Promise<void>;
  remove(target: string): Promise<void>;
  drained(target: string, instance: string, deadlineMs: number): Promise<{ readonly cutOff: number }>;
  /** Resolves when it is gone; it gets at most so long. */
  end(graceMs: number): Promise<void>;
  readonly gone: Promise<void>;
}

interface DrainOptions {
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}

interface Drained {
  readonly cutOff: number;
}

const listenAgainMs = 1_000;

/** All targets and listeners. Changes come one after the other; each is on disk before it is in force. */
export class Switchboard {
  #tools: SwitchboardTools;
  #targets = new Map<string, Target>();
  #logs: AccessLogs;
  #certificates: Certificates;
  #listeners = new Map<string, Listener>();
  #turn: Promise<unknown> = Promise.resolve();
  #cancelListen: Cancel | null = null;
  #closing = false;
  #elder: Elder | null = null;
  /** Another router has the sockets and the routes; what is left here follows its tables. */
  #handedOver = false;

  constructor(tools: SwitchboardTools) {
    this.#tools = tools;
    this.#logs = new AccessLogs(tools.clock);
    this.#certificates = new Certificates(tools.clock);
  }

  /** Serves what was on disk. A listener that cannot be opened is tried again every second. */
  async restore(): Promise<void> {
    for (const table of await this.#tools.store.load())
      this.#targets.set(table.target, this.#newTarget(table));
    await this.#openMissing();
  }

  /**
   * Takes up the routes on disk with what the router before counted; its sockets come by `adopt`, which may not wait for
   * anything, so the certificates are read here. Rejects as `readCertificate`: the router before goes on with what it has.
   */
  async inherit(elder: Elder, reports: readonly TargetReport[]): Promise<void> {
    this.#elder = elder;
    for (const table of await this.#tools.store.load()) {
      await this.#certificates.restore([table]);
      const report = reports.find(({ target }) => target === table.target);
      this.#targets.set(table.target, this.#newTarget(table, report));
    }
  }

  /** Serves what comes in on a socket that the router before opened. */
  async adopt(address: string, from: Server): Promise<void> {
    const listener = new Listener(address, this.#certificates);
    const opened = listener.open(this.#tools.engine, this.#tablesAt(address), from);
    this.#listeners.set(address, listener);
    this.#serveAll();
    await opened;
  }

  /** Opens what the router before could not open. */
  async openRest(): Promise<void> {
    await this.#openMissing();
  }

  absorb(reports: readonly TargetReport[]): void {
    for (const report of reports) this.#targets.get(report.target)?.absorb(report);
  }

  elderEnded(): void {
    this.#elder = null;
    for (const target of this.#targets.values()) target.elderEnded();
  }

  /** How many routers of before still end what began there. */
  get elders(): number {
    return this.#elder?.elders ?? 0;
  }

  /** Changes wait until `work` has ended, which may be the handing over. */
  hold<T>(work: () => Promise<T>): Promise<T> {
    return this.#inTurn(work);
  }

  /** What the router that takes over is told. `leaving` as `Target.report` says. */
  report(leaving: boolean): readonly TargetReport[] {
    return [...this.#targets.values()].map((target) => target.report(this.#tools.epoch, leaving));
  }

  sockets(): readonly (readonly [address: string, server: Server])[] {
    return [...this.#listeners].flatMap(([address, { server }]) =>
      server === null ? [] : [[address, server]],
    );
  }

  /** Accepts nothing more and changes nothing by itself. Resolves when the last connection has ended here and before. */
  async handOver(): Promise<void> {
    this.#handedOver = true;
    this.#cancelListen?.();
    const listeners = [...this.#listeners.values()];
    await Promise.all([...listeners.map((listener) => listener.handOver()), this.#elder?.gone]);
  }

  /** What has not ended here follows the table of the router that took over. */
  follow(value: unknown): Promise<void> {
    return this.#inTurn(async () => {
      const table = checkTable(value);
      const known = this.#targets.get(table.target);
      if (known !== undefined && !isRepeated(known.table, table)) await this.#putInForce(table, known);
    });
  }

  /** Rejects with `route-table-malformed`, `route-table-stale`, `listen-failed`, `routes-not-saved` or `router-handed-over`. */
  apply(value: unknown): Promise<Applied> {
    return this.#inTurn(() => {
      if (this.#handedOver) throw handedOver();
      return this.#apply(checkTable(value));
    });
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
  async drained(target: string, instance: string, options: DrainOptions): Promise<Drained> {
    const [own, before] = await Promise.all([
      this.#drained(target, instance, options),
      this.#elder?.drained(target, instance, options.deadlineMs) ?? { cutOff: 0 },
    ]);
    return { cutOff: own.cutOff + before.cutOff };
  }

  async #drained(target: string, instance: string, options: DrainOptions): Promise<Drained> {
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
      if (this.#handedOver) throw handedOver();
      if (!this.#targets.has(target)) return;
      await this.#tools.store.save(this.#tables().filter((table) => table.target !== target));
      await this.#remove(target);
    });
  }

  /** As `follow`, for a target that is no more. */
  followRemoval(target: string): Promise<void> {
    return this.#inTurn(() => this.#remove(target));
  }

  async #remove(target: string): Promise<void> {
    const gone = this.#targets.get(target);
    if (gone === undefined) return;
    this.#targets.delete(target);
    this.#certificates.forget(target);
    this.#serveAll();
    this.#retire(gone.addresses());
    gone.close();
    await this.#elder?.remove(target);
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
    const closed = Promise.all([...listeners.map((listener) => listener.close()), this.#elder?.end(graceMs)]);
    for (const target of this.#targets.values()) target.close();
    const cancel = this.#tools.clock.after(graceMs, () => {
      for (const listener of listeners) listener.destroy();
    });
    await closed;
    cancel();
    this.#certificates.close();
    await this.#logs.close();
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
    await this.#certificates.prepare(table);
    const opened = await this.#openFor(table);
    try {
      await this.#tools.store.save([...others, table]);
    } catch (error) {
      await opened?.close();
      throw error;
    }
    if (opened !== null) this.#listeners.set(table.listen, opened);
    await this.#putInForce(table, known);
    return { fence, version };
  }

  async #putInForce(table: RouteTable, known: Target | undefined): Promise<void> {
    const before = known?.addresses() ?? [];
    if (known === undefined) this.#targets.set(table.target, this.#newTarget(table));
    else known.apply(table);
    if (table.edge?.tls === undefined) this.#certificates.forget(table.target);
    this.#serveAll();
    this.#retire(before);
    // What still runs there may reach an instance that this table does not name.
    await this.#elder?.apply(table);
  }

  async #openFor(table: RouteTable): Promise<Listener | null> {
    if (this.#listeners.has(table.listen)) return null;
    const listener = new Listener(table.listen, this.#certificates);
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
      if (this.#listeners.has(listen) || this.#isLeaving) continue;
      const listener = new Listener(listen, this.#certificates);
      try {
        await this.#certificates.restore(this.#tablesAt(listen));
        await listener.open(this.#tools.engine, this.#tablesAt(listen));
        this.#listeners.set(listen, listener);
      } catch (error) {
        say(`${errorFacts(error).message} Trying again.`);
      }
    }
    this.#serveAll();
    if (this.#isLeaving || this.#tables().every(({ listen }) => this.#listeners.has(listen))) return;
    this.#cancelListen = this.#tools.clock.after(listenAgainMs, () => {
      void this.#inTurn(() => this.#openMissing());
    });
  }

  get #isLeaving(): boolean {
    return this.#closing || this.#handedOver;
  }

  #retire(before: readonly string[]): void {
    const now = new Set([...this.#targets.values()].flatMap((target) => target.addresses()));
    for (const address of before) if (!now.has(address)) this.#tools.engine.retire(address);
  }

  #newTarget(table: RouteTable, elder?: TargetReport): Target {
    const { clock, wakes, random } = this.#tools;
    return new Target(table, { clock, wakes, random, logs: this.#logs }, elder);
  }

  #tablesAt(address: string): readonly RouteTable[] {
    return this.#tables().filter(({ listen }) => listen === address);
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

export function handedOver(): SluiceError {
  return new SluiceError({
    code: 'router-handed-over',
    message: 'Another router has taken over.',
    remedy: 'Ask that one: it answers on the same socket.',
  });
}

function taken(table: RouteTable, other: RouteTable): SluiceError {
  return new SluiceError({
    code: 'listen-failed',
    message: `The router cannot listen on ${table.listen} for ${table.target}: ${other.target} answers the same hosts and paths there.`,
    remedy: 'Give one of them other hosts, another path prefix, or another `listen` address.',
    details: { address: table.listen, target: other.target },
  });
}
