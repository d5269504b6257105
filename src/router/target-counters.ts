import { isDeepStrictEqual } from 'node:util';
import type { MirrorCounts, RouteCounts, SlotCounts, TrafficCounts } from '../base/counts.ts';
import type { Backend } from '../base/route-table.ts';
import {
  type CountedElsewhere,
  InstanceCounter,
  isBad,
  type LateCounts,
  type Outcome,
} from './instance-counter.ts';
import { MirrorCounter } from './mirror-counter.ts';
import { RouteNames } from './route-name.ts';

export const slotCount = 100;
const keptGenerations = 50;
/** Slots and routes serve a running comparison; finished ones need not travel with each reading. */
const keptFamilies = 8;
const keptRoutes = 200;
/** Of all routes beyond those. */
export const otherRoutes = 'other';

/** Where a request belongs, beside its instance. */
export interface Place {
  readonly slot: number;
  readonly method: string;
  readonly path: string;
}

/** What a router tells the one that takes over: what it counted so far for one target. */
export interface CountsReport {
  readonly counts: TrafficCounts;
  /** Instances with broken responses that no good request has paid for. */
  readonly late: Readonly<Record<string, LateCounts>>;
}

/** Everything counted for one target: three families, not their product. */
export class TargetCounters {
  unserved = 0;
  /** Broken responses are left to the router that takes over. */
  leavesLate = false;
  #instances = new Map<string, InstanceCounter>();
  #families = new Map<string, Family>();
  #generations: string[] = [];
  #routes = new Set<string>();
  #names = new RouteNames();

  /** The counter of an instance that a table names; begins one when it is new, and lets go of very old generations. */
  open({ instance, generation }: Pick<Backend, 'instance' | 'generation'>): InstanceCounter {
    const known = this.#instances.get(instance);
    if (known !== undefined) return known;
    this.#remember(generation);
    const counter = new InstanceCounter(instance, generation, this);
    this.#instances.set(instance, counter);
    return counter;
  }

  /** The counter of the copies that a generation gets; null for one that is let go of. */
  mirror(generation: string): MirrorCounter | null {
    this.#remember(generation);
    const family = this.#families.get(generation);
    if (family === undefined) return null;
    family.mirror ??= new MirrorCounter(generation);
    return family.mirror;
  }

  /**
   * Gives back the route under which it was counted; null for one of a generation that is let go of. `beside`: the copies
   * that are made of what this instance has.
   */
  count(
    counter: InstanceCounter,
    place: Place,
    outcome: Outcome,
    beside: readonly MirrorCounter[] = [],
  ): string | null {
    const bad = counter.count(outcome);
    if (outcome.safe) for (const mirror of beside) mirror.stableHad(bad);
    const family = this.#families.get(counter.generation);
    if (family === undefined) return null;
    const { slot } = place;
    family.requests[slot] = (family.requests[slot] ?? 0) + 1;
    if (isBad(outcome.status)) family.bad[slot] = (family.bad[slot] ?? 0) + 1;
    const route = this.route(place);
    let statuses = family.routes.get(route);
    if (statuses === undefined) {
      statuses = {};
      family.routes.set(route, statuses);
    }
    statuses[outcome.status] = (statuses[outcome.status] ?? 0) + 1;
    return route;
  }

  read(options: {
    readonly epoch: string;
    readonly at: number;
    readonly inFlight: (instance: string) => number;
  }): TrafficCounts {
    const instances = [...this.#instances.values()].map((one) => one.read(options.inFlight(one.instance)));
    const slots: SlotCounts[] = [];
    const routes: RouteCounts[] = [];
    const mirror: MirrorCounts[] = [];
    for (const [generation, family] of this.#families) {
      family.requests.forEach((requests, slot) => {
        if (requests > 0) slots.push({ generation, slot, requests, bad: family.bad[slot] ?? 0 });
      });
      for (const [route, statuses] of family.routes)
        routes.push({ route, generation, statuses: { ...statuses } });
      const copies = family.mirror?.read() ?? null;
      if (copies !== null) mirror.push(copies);
    }
    const { epoch, at } = options;
    const counts = { epoch, at, instances, slots, routes, unserved: this.unserved };
    return mirror.length === 0 ? counts : { ...counts, mirror };
  }

  report(counts: TrafficCounts): CountsReport {
    const late: Record<string, LateCounts> = {};
    for (const [instance, counter] of this.#instances) {
      if (counter.late.safe + counter.late.unsafe > 0) late[instance] = counter.late;
    }
    return { counts, late };
  }

  /** Adds what another router counted between two of its reports; its counts are cumulative. */
  absorb(now: CountsReport, before: CountsReport | undefined): void {
    this.unserved += now.counts.unserved - (before?.counts.unserved ?? 0);
    const known = byInstance(before);
    for (const [instance, reading] of byInstance(now)) {
      const last = known.get(instance);
      // One that this router has let go of must not come back for nothing.
      if (last !== undefined && isDeepStrictEqual(last, reading)) continue;
      this.open(reading.counts).absorb(reading, last);
    }
    this.#absorbMirrors(now.counts, before?.counts);
    this.#absorbSlots(now.counts, 1);
    this.#absorbRoutes(now.counts, 1);
    if (before === undefined) return;
    this.#absorbSlots(before.counts, -1);
    this.#absorbRoutes(before.counts, -1);
  }

  #absorbMirrors({ mirror = [] }: TrafficCounts, before: TrafficCounts | undefined): void {
    for (const reading of mirror) {
      const last = before?.mirror?.find(({ generation }) => generation === reading.generation);
      if (last !== undefined && isDeepStrictEqual(last, reading)) continue;
      this.mirror(reading.generation)?.absorb(reading, last, (route) => this.#bounded(route));
    }
  }

  #absorbSlots({ slots }: TrafficCounts, sign: 1 | -1): void {
    for (const { generation, slot, requests, bad } of slots) {
      const family = this.#families.get(generation);
      if (family === undefined) continue;
      family.requests[slot] = (family.requests[slot] ?? 0) + sign * requests;
      family.bad[slot] = (family.bad[slot] ?? 0) + sign * bad;
    }
  }

  #absorbRoutes({ routes }: TrafficCounts, sign: 1 | -1): void {
    for (const { route, generation, statuses } of routes) {
      const family = this.#families.get(generation);
      if (family === undefined) continue;
      const own = family.routes.get(this.#bounded(route)) ?? {};
      family.routes.set(this.#bounded(route), own);
      for (const [status, count] of Object.entries(statuses)) own[status] = (own[status] ?? 0) + sign * count;
    }
  }

  /** What a request is counted under; `other` beyond the bound. */
  route({ method, path }: Pick<Place, 'method' | 'path'>): string {
    return this.#bounded(this.#names.of(method, path));
  }

  #bounded(name: string): string {
    if (this.#routes.has(name)) return name;
    if (this.#routes.size >= keptRoutes) return otherRoutes;
    this.#routes.add(name);
    return name;
  }

  #remember(generation: string): void {
    if (this.#generations.includes(generation)) return;
    this.#generations.push(generation);
    this.#families.set(generation, {
      requests: new Float64Array(slotCount),
      bad: new Float64Array(slotCount),
      routes: new Map(),
      mirror: null,
    });
    const old = this.#generations.at(-1 - keptFamilies);
    if (old !== undefined) this.#families.delete(old);
    if (this.#generations.length <= keptGenerations) return;
    const gone = this.#generations.shift();
    for (const [id, counter] of this.#instances) if (counter.generation === gone) this.#instances.delete(id);
  }
}

function byInstance(report: CountsReport | undefined): ReadonlyMap<string, CountedElsewhere> {
  const none = { safe: 0, unsafe: 0 };
  return new Map(
    (report?.counts.instances ?? []).map((counts) => [
      counts.instance,
      { counts: { ...counts, inFlight: 0 }, late: report?.late[counts.instance] ?? none },
    ]),
  );
}

interface Family {
  readonly requests: Float64Array;
  readonly bad: Float64Array;
  readonly routes: Map<string, Record<string, number>>;
  /** Null: it got no copies. */
  mirror: MirrorCounter | null;
}
