import type { RouteCounts, SlotCounts, TrafficCounts } from '../base/counts.ts';
import type { Backend } from '../base/route-table.ts';
import { InstanceCounter, isBad, type Outcome } from './instance-counter.ts';
import { RouteNames } from './route-name.ts';

export const slotCount = 100;
const keptGenerations = 50;
/** Slots and routes serve a running comparison; finished ones need not travel with each reading. */
const keptFamilies = 8;
const keptRoutes = 200;

/** Where a request belongs, beside its instance. */
export interface Place {
  readonly slot: number;
  readonly method: string;
  readonly path: string;
}

/** Everything counted for one target: three families, not their product. */
export class TargetCounters {
  unserved = 0;
  #instances = new Map<string, InstanceCounter>();
  #families = new Map<string, Family>();
  #generations: string[] = [];
  #routes = new Set<string>();
  #names = new RouteNames();

  /** The counter of an instance that a table names; begins one when it is new, and lets go of very old generations. */
  open({ instance, generation }: Backend): InstanceCounter {
    const known = this.#instances.get(instance);
    if (known !== undefined) return known;
    this.#remember(generation);
    const counter = new InstanceCounter(instance, generation);
    this.#instances.set(instance, counter);
    return counter;
  }

  count(counter: InstanceCounter, place: Place, outcome: Outcome): void {
    counter.count(outcome);
    const family = this.#families.get(counter.generation);
    if (family === undefined) return;
    const { slot } = place;
    family.requests[slot] = (family.requests[slot] ?? 0) + 1;
    if (isBad(outcome.status)) family.bad[slot] = (family.bad[slot] ?? 0) + 1;
    const route = this.#route(place);
    let statuses = family.routes.get(route);
    if (statuses === undefined) {
      statuses = {};
      family.routes.set(route, statuses);
    }
    statuses[outcome.status] = (statuses[outcome.status] ?? 0) + 1;
  }

  read(options: {
    readonly epoch: string;
    readonly at: number;
    readonly inFlight: (instance: string) => number;
  }): TrafficCounts {
    const instances = [...this.#instances.values()].map((one) => one.read(options.inFlight(one.instance)));
    const slots: SlotCounts[] = [];
    const routes: RouteCounts[] = [];
    for (const [generation, family] of this.#families) {
      family.requests.forEach((requests, slot) => {
        if (requests > 0) slots.push({ generation, slot, requests, bad: family.bad[slot] ?? 0 });
      });
      for (const [route, statuses] of family.routes)
        routes.push({ route, generation, statuses: { ...statuses } });
    }
    return { epoch: options.epoch, at: options.at, instances, slots, routes, unserved: this.unserved };
  }

  #route({ method, path }: Place): string {
    const name = this.#names.of(method, path);
    if (this.#routes.has(name)) return name;
    if (this.#routes.size >= keptRoutes) return 'other';
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
    });
    const old = this.#generations.at(-1 - keptFamilies);
    if (old !== undefined) this.#families.delete(old);
    if (this.#generations.length <= keptGenerations) return;
    const gone = this.#generations.shift();
    for (const [id, counter] of this.#instances) if (counter.generation === gone) this.#instances.delete(id);
  }
}

interface Family {
  readonly requests: Float64Array;
  readonly bad: Float64Array;
  readonly routes: Map<string, Record<string, number>>;
}
