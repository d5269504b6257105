import type { TrafficCounts } from '../src/base/counts.ts';
import type { InstanceId } from '../src/base/ids.ts';
import { type Backend, fullWeight, type RouteTable } from '../src/base/route-table.ts';
import { SluiceError } from '../src/base/sluice-error.ts';
import { MemoryTraffic } from '../src/ports/traffic/memory-traffic.ts';
import type { AppliedRoutes } from '../src/ports/traffic/port.ts';
import { Counter } from './counter.ts';
import type { Fact } from './law.ts';
import type { Random } from './random.ts';
import { type Truth, worldTargetId } from './scenario.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** What the router meets behind an address: null when nobody listens there. */
export interface Answering {
  readonly pid: number;
  readonly truth: Truth;
}

/** The router's process, and the users who send requests through the table that is in force. */
export class Router {
  readonly traffic: MemoryTraffic;
  up = true;
  /** It serves, and nobody reaches its control socket. */
  cut = false;
  readonly #longShare: number;
  readonly #clock: VirtualClock;
  readonly #random: Random;
  readonly #tell: (fact: Fact) => void;
  readonly #answering: (instance: InstanceId) => Answering | null;
  readonly #counters = new Map<InstanceId, Counter>();
  /** Ends of the calls that hang on this run of the process. */
  readonly #hangUps = new Set<() => void>();
  #run = 1;
  #unserved = 0;

  constructor(options: {
    readonly clock: VirtualClock;
    readonly random: Random;
    /** Share of requests that last for seconds. */
    readonly longShare: number;
    readonly tell: (fact: Fact) => void;
    readonly answering: (instance: InstanceId) => Answering | null;
  }) {
    this.#clock = options.clock;
    this.#random = options.random;
    this.#tell = options.tell;
    this.#longShare = options.longShare;
    this.#answering = options.answering;
    this.traffic = new MemoryTraffic({ clock: options.clock });
  }

  get table(): RouteTable | null {
    return this.traffic.tables.get(worldTargetId) ?? null;
  }

  async apply(table: RouteTable): Promise<AppliedRoutes> {
    const before = this.table;
    const applied = await this.traffic.apply(table);
    const now = this.table;
    if (now !== null && now !== before) this.#tell({ kind: 'table', table: now, before });
    return applied;
  }

  async counts(): Promise<TrafficCounts> {
    const instances = [...this.#counters].map(([instance, counter]) => counter.read(instance));
    this.traffic.setCounts(worldTargetId, { instances, slots: [], routes: [], unserved: this.#unserved });
    return this.traffic.counts(worldTargetId);
  }

  inFlight(instance: InstanceId): number {
    return this.#counters.get(instance)?.inFlight ?? 0;
  }

  /** A call over one connection: it fails when the process it was made to is gone, before or while it is answered. */
  connected<T>(act: () => Promise<T>): () => Promise<T> {
    const run = this.#run;
    return () => {
      if (!this.up || this.cut || run !== this.#run) return Promise.reject(hungUp());
      return new Promise<T>((resolve, reject) => {
        const hangUp = () => reject(hungUp());
        this.#hangUps.add(hangUp);
        act()
          .finally(() => this.#hangUps.delete(hangUp))
          .then(resolve, reject);
      });
    };
  }

  /** `forgets`: its disk is lost with it. */
  die({ forgets }: { readonly forgets: boolean }): void {
    this.up = false;
    this.#run += 1;
    this.traffic.goAway();
    this.#counters.clear();
    if (forgets) this.traffic.tables.clear();
    this.#tell({ kind: 'router-lost', forgot: forgets });
    for (const hangUp of [...this.#hangUps]) hangUp();
  }

  /** Between it and the controller nothing arrives; requests go on. */
  cutOff(): void {
    this.cut = true;
    for (const hangUp of [...this.#hangUps]) hangUp();
  }

  reconnect(): void {
    this.cut = false;
    if (this.up) this.traffic.comeBack({ restarted: false });
  }

  comeBack(): void {
    this.up = true;
    this.traffic.comeBack({ restarted: true });
  }

  /** One user's request. */
  request(): void {
    if (!this.up) return;
    const backend = this.#choose();
    const answering = backend === null ? null : this.#answering(backend.instance);
    if (backend === null || answering === null) {
      this.#unserved += 1;
      return;
    }
    this.#exchange(backend, answering);
  }

  /** The side by weight, then any instance of it that can be reached; the router's own probes know which. */
  #choose(): Backend | null {
    const { table } = this;
    if (table === null || table.mode !== 'serve') return null;
    const candidate = this.#random.between(0, fullWeight - 1) < table.candidateWeight;
    const side = candidate ? table.candidate : table.stable;
    const reached = side.filter(({ instance }) => this.#answering(instance) !== null);
    return reached.length === 0 ? null : this.#random.pick(reached);
  }

  #exchange({ instance, generation }: Backend, { pid, truth }: Answering): void {
    this.#tell({ kind: 'request', instance, generation });
    const counter = this.#counters.get(instance) ?? new Counter(generation);
    this.#counters.set(instance, counter);
    const run = this.#run;
    counter.inFlight += 1;
    this.traffic.setInFlight(worldTargetId, instance, counter.inFlight);
    const hangs = this.#random.chance(this.#longShare) ? this.#random.between(500, 4_000) : 0;
    const latencyMs = truth.latencyMs + this.#random.between(0, 10) + hangs;
    const bad = this.#random.chance(truth.badShare);
    this.#clock.after(latencyMs, () => {
      if (run !== this.#run) return;
      const died = this.#answering(instance)?.pid !== pid;
      counter.answered(latencyMs, bad || died);
      this.traffic.setInFlight(worldTargetId, instance, counter.inFlight);
      // Only the last one ends a drain.
      if (counter.inFlight > 0) this.#clock.nothingFollows();
    });
  }
}

function hungUp(): SluiceError {
  return new SluiceError({
    code: 'router-unreachable',
    message: 'The router does not answer.',
    remedy: 'It comes back by itself.',
  });
}
