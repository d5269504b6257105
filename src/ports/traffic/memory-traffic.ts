import type { Clock } from '../../base/clock.ts';
import type { TrafficCounts } from '../../base/counts.ts';
import type { InstanceId, TargetId } from '../../base/ids.ts';
import type { RouteTable } from '../../base/route-table.ts';
import { SluiceError } from '../../base/sluice-error.ts';
import { checkTable } from '../../router/check-table.ts';
import { collide } from '../../router/listener.ts';
import { isRepeated, stillRouted } from '../../router/table-order.ts';
import type { AppliedRoutes, Traffic } from './port.ts';

/** `Traffic` without sockets: keeps tables and fences as the router does; requests and counts are what a test says. */
export class MemoryTraffic implements Traffic {
  /** False: every call rejects with `router-unreachable`. Set by `goAway` and `comeBack`. */
  reachable = true;
  /** Listen addresses that cannot be opened. */
  readonly takenAddresses = new Set<string>();
  readonly tables = new Map<TargetId, RouteTable>();
  #clock: Clock;
  #epoch = 1;
  #counts = new Map<TargetId, Omit<TrafficCounts, 'epoch' | 'at'>>();
  #inFlight = new Map<string, number>();
  #waiting = new Map<string, Set<() => void>>();
  #listeners = new Set<() => void>();

  constructor({ clock }: { readonly clock: Clock }) {
    this.#clock = clock;
  }

  async apply(value: RouteTable): Promise<AppliedRoutes> {
    this.#reach();
    const table = checkTable(structuredClone(value));
    const { fence, version, listen } = table;
    const known = this.tables.get(table.target);
    if (known !== undefined && isRepeated(known, table)) return { fence, version };
    const others = [...this.tables.values()];
    if (this.takenAddresses.has(listen) || others.some((other) => collide(other, table))) {
      throw taken(listen);
    }
    this.tables.set(table.target, table);
    return { fence, version };
  }

  async applied(target: TargetId): Promise<AppliedRoutes | null> {
    this.#reach();
    const table = this.tables.get(target);
    return table === undefined ? null : { fence: table.fence, version: table.version };
  }

  async counts(target: TargetId): Promise<TrafficCounts> {
    this.#reach();
    const counts = this.#counts.get(target) ?? { instances: [], slots: [], routes: [], unserved: 0 };
    return { ...counts, epoch: `epoch-${this.#epoch}`, at: this.#clock.now() };
  }

  async drained(
    target: TargetId,
    instance: InstanceId,
    { deadlineMs }: { readonly deadlineMs: number },
  ): Promise<{ readonly cutOff: number }> {
    this.#reach();
    this.#refuseRouted(target, instance);
    const key = `${target} ${instance}`;
    if ((this.#inFlight.get(key) ?? 0) === 0) return { cutOff: 0 };
    const late = await this.#idleOrLate(key, deadlineMs);
    if (!late) return { cutOff: 0 };
    this.#refuseRouted(target, instance);
    const cutOff = this.#inFlight.get(key) ?? 0;
    this.setInFlight(target, instance, 0);
    return { cutOff };
  }

  async remove(target: TargetId): Promise<void> {
    this.#reach();
    this.tables.delete(target);
    this.#counts.delete(target);
  }

  onReconnect(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#listeners.clear();
  }

  /** What `counts` answers from now on. */
  setCounts(target: TargetId, counts: Omit<TrafficCounts, 'epoch' | 'at'>): void {
    this.#counts.set(target, counts);
  }

  setInFlight(target: TargetId, instance: InstanceId, requests: number): void {
    const key = `${target} ${instance}`;
    this.#inFlight.set(key, requests);
    if (requests > 0) return;
    for (const tell of [...(this.#waiting.get(key) ?? [])]) tell();
  }

  goAway(): void {
    this.reachable = false;
  }

  /** `restarted`: the counters began anew; the tables were on disk. */
  comeBack({ restarted }: { readonly restarted: boolean }): void {
    if (restarted) {
      this.#epoch += 1;
      this.#counts.clear();
      for (const [key] of this.#inFlight) this.#inFlight.set(key, 0);
    }
    this.reachable = true;
    for (const listener of [...this.#listeners]) listener();
  }

  /** True when the deadline came first. */
  #idleOrLate(key: string, deadlineMs: number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const waiting = this.#waiting.get(key) ?? new Set();
    this.#waiting.set(key, waiting);
    const tell = () => end(false);
    const cancel = this.#clock.after(deadlineMs, () => end(true));
    const end = (late: boolean) => {
      cancel();
      waiting.delete(tell);
      resolve(late);
    };
    waiting.add(tell);
    return promise;
  }

  #refuseRouted(target: TargetId, instance: InstanceId): void {
    const table = this.tables.get(target);
    const named = [...(table?.stable ?? []), ...(table?.candidate ?? [])].some(
      (backend) => backend.instance === instance,
    );
    if (named) throw stillRouted(target, instance);
  }

  #reach(): void {
    if (this.reachable) return;
    throw new SluiceError({
      code: 'router-unreachable',
      message: 'The router does not answer.',
      remedy: 'Call comeBack().',
    });
  }
}

function taken(listen: string): SluiceError {
  return new SluiceError({
    code: 'listen-failed',
    message: `The router cannot listen on ${listen}.`,
    remedy: 'Set another `listen` address.',
    details: { address: listen },
  });
}
