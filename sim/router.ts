import type { TrafficCounts } from '../src/base/counts.ts';
import type { InstanceId } from '../src/base/ids.ts';
import { type Backend, fullWeight, type RouteTable, type ShieldSettings } from '../src/base/route-table.ts';
import { SluiceError } from '../src/base/sluice-error.ts';
import { MemoryTraffic } from '../src/ports/traffic/memory-traffic.ts';
import type { AppliedRoutes } from '../src/ports/traffic/port.ts';
import { isSafe } from '../src/router/shield.ts';
import { ShieldBudget } from '../src/router/shield-budget.ts';
import { Copies, type UserRequest } from './copies.ts';
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
  readonly #asking: Random;
  readonly #standingIn: Random;
  readonly #tell: (fact: Fact) => void;
  readonly #answering: (instance: InstanceId) => Answering | null;
  readonly #counters = new Map<InstanceId, Counter>();
  readonly #copies: Copies;
  #budget = new ShieldBudget();
  /** Ends of the calls that hang on this run of the process. */
  readonly #hangUps = new Set<() => void>();
  #run = 1;
  #unserved = 0;

  constructor(options: {
    readonly clock: VirtualClock;
    /** Users, what they ask for, copies and who stands in have sources of their own. */
    readonly random: Random;
    /** Share of requests that last for seconds. */
    readonly longShare: number;
    readonly tell: (fact: Fact) => void;
    readonly answering: (instance: InstanceId) => Answering | null;
  }) {
    this.#clock = options.clock;
    this.#random = options.random.of('users');
    this.#asking = options.random.of('what users ask for');
    this.#standingIn = options.random.of('who stands in');
    this.#copies = new Copies({ ...options, random: options.random.of('copies') });
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
    const mirror = this.#copies.counts();
    const counts = { instances, slots: [], routes: [], unserved: this.#unserved };
    this.traffic.setCounts(worldTargetId, { ...counts, ...(mirror !== null && { mirror }) });
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
    this.#copies.die();
    this.#budget = new ShieldBudget();
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
    const asked = this.#ask();
    const { table } = this;
    const shield = table?.shield ?? null;
    if (shield !== null) this.#budget.saw(this.#clock.monotonicMs());
    const chosen = this.#choose();
    const answering = chosen === null ? null : this.#answering(chosen.backend.instance);
    if (table === null || chosen === null || answering === null) {
      this.#unserved += 1;
      return;
    }
    const { arm, backend } = chosen;
    const safe = isSafe(asked.method);
    const pair = arm === 'stable' ? this.#copies.copy(table, asked) : null;
    this.#send(backend, answering, this.#random, ({ counter, latencyMs, bad }) => {
      counter.answered(latencyMs, { bad, safe });
      pair?.original({ status: bad ? 500 : 200, latencyMs });
      if (this.#isStable(backend)) this.#copies.stableHad(this.table, asked, bad);
      if (bad && safe && arm === 'candidate' && shield !== null) this.#shield(backend, counter, shield);
    });
  }

  #ask(): UserRequest {
    const method = this.#asking.chance(0.8) ? 'GET' : 'POST';
    return { method, path: this.#asking.pick(['/', '/basket', '/item/1', '/item/2']) };
  }

  /** The side by weight, then any instance of it that can be reached; the router's own probes know which. */
  #choose(): { readonly arm: 'stable' | 'candidate'; readonly backend: Backend } | null {
    const { table } = this;
    if (table === null || table.mode !== 'serve') return null;
    const candidate = this.#random.between(0, fullWeight - 1) < table.candidateWeight;
    const arm = candidate ? 'candidate' : 'stable';
    const reached = table[arm].filter(({ instance }) => this.#answering(instance) !== null);
    return reached.length === 0 ? null : { arm, backend: this.#random.pick(reached) };
  }

  #isStable({ instance }: Backend): boolean {
    return this.table?.stable.some((one) => one.instance === instance) === true;
  }

  /** Stable answers in place of a candidate that failed. What its users met is counted once, where it failed. */
  #shield({ generation }: Backend, failed: Counter, { budgetPercent }: ShieldSettings): void {
    const { table } = this;
    // After a promotion the same release stands on the other side.
    const other = table?.mode === 'serve' ? table.stable.filter((one) => one.generation !== generation) : [];
    const reached = other.flatMap((backend) => {
      const answering = this.#answering(backend.instance);
      return answering === null ? [] : [{ backend, answering }];
    });
    if (reached.length === 0 || !this.#budget.take(this.#clock.monotonicMs(), budgetPercent)) return;
    const { backend, answering } = this.#standingIn.pick(reached);
    failed.shield(1);
    this.#send(backend, answering, this.#standingIn, ({ bad }) => {
      if (bad) failed.shield(-1);
    });
  }

  #send(
    { instance, generation }: Backend,
    { pid, truth }: Answering,
    random: Random,
    ended: (outcome: { counter: Counter; latencyMs: number; bad: boolean }) => void,
  ): void {
    this.#tell({ kind: 'request', instance, generation });
    const counter = this.#counters.get(instance) ?? new Counter(generation);
    this.#counters.set(instance, counter);
    const run = this.#run;
    counter.inFlight += 1;
    this.traffic.setInFlight(worldTargetId, instance, counter.inFlight);
    const hangs = random.chance(this.#longShare) ? random.between(500, 4_000) : 0;
    const latencyMs = truth.latencyMs + random.between(0, 10) + hangs;
    const fails = random.chance(truth.badShare);
    this.#clock.after(latencyMs, () => {
      if (run !== this.#run) return;
      const died = this.#answering(instance)?.pid !== pid;
      counter.inFlight -= 1;
      ended({ counter, latencyMs, bad: fails || died });
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
