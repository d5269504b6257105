import type { MirrorCounts, MirrorRoute, RequestTally, SparseHistogram } from '../base/counts.ts';
import { latencyBucket } from '../base/latency-buckets.ts';
import { isBad, statusClass } from './instance-counter.ts';

/** What came of one of two requests that are compared: the status of its head, null without one, and how long that took. */
export interface HeadSeen {
  readonly status: number | null;
  readonly latencyMs: number | null;
}

const keptDifferences = 20;
/** Both statuses of all differences beyond those. */
const otherStatus = 'other';
const noHead = 'error';

/** Cumulative counts of the copies that the instances of one generation got, beside the requests of users. */
export class MirrorCounter {
  readonly generation: string;
  #candidate = new Tally();
  #stable = new Tally();
  #skipped = 0;
  #routes = new Map<string, RoutePairs>();

  constructor(generation: string) {
    this.generation = generation;
  }

  /** A safe request of a user, while copies are made. */
  stableHad(bad: boolean): void {
    this.#stable.add(1, bad ? 1 : 0);
  }

  /** A copy has its outcome. `whole`: its answer did not break off. */
  copied({ status }: HeadSeen, whole: boolean): void {
    const bad = status === null || isBad(statusClass(status)) || !whole;
    this.#candidate.add(1, bad ? 1 : 0);
  }

  skip(): void {
    this.#skipped += 1;
  }

  pair(route: string, stable: HeadSeen, candidate: HeadSeen): void {
    const pairs = this.#route(route);
    pairs.requests += 1;
    if (stable.status !== candidate.status) pairs.differ(statusText(stable), statusText(candidate), 1);
    if (stable.latencyMs !== null) addTo(pairs.stableLatency, latencyBucket(stable.latencyMs), 1);
    if (candidate.latencyMs !== null) addTo(pairs.candidateLatency, latencyBucket(candidate.latencyMs), 1);
  }

  /** Adds what another router counted between two readings; `bounded` gives the routes under which this one counts. */
  absorb(now: MirrorCounts, before: MirrorCounts | undefined, bounded: (route: string) => string): void {
    this.#add(now, 1, bounded);
    if (before !== undefined) this.#add(before, -1, bounded);
  }

  /** Null: nothing has been counted. */
  read(): MirrorCounts | null {
    const [candidate, stable] = [this.#candidate.read(), this.#stable.read()];
    const routes = [...this.#routes].map(([route, pairs]) => pairs.read(route));
    if (candidate.requests + stable.requests + this.#skipped + routes.length === 0) return null;
    return { generation: this.generation, candidate, stable, skipped: this.#skipped, routes };
  }

  #add(counts: MirrorCounts, sign: 1 | -1, bounded: (route: string) => string): void {
    this.#candidate.add(sign * counts.candidate.requests, sign * counts.candidate.bad);
    this.#stable.add(sign * counts.stable.requests, sign * counts.stable.bad);
    this.#skipped += sign * counts.skipped;
    for (const one of counts.routes) this.#route(bounded(one.route)).add(one, sign);
  }

  #route(route: string): RoutePairs {
    let pairs = this.#routes.get(route);
    if (pairs === undefined) {
      pairs = new RoutePairs();
      this.#routes.set(route, pairs);
    }
    return pairs;
  }
}

class Tally {
  #requests = 0;
  #bad = 0;

  add(requests: number, bad: number): void {
    this.#requests += requests;
    this.#bad += bad;
  }

  read(): RequestTally {
    return { requests: this.#requests, bad: this.#bad };
  }
}

/** Histograms by bucket: of two hundred routes, most would be empty. */
class RoutePairs {
  requests = 0;
  readonly stableLatency = new Map<number, number>();
  readonly candidateLatency = new Map<number, number>();
  #differences = new Map<string, number>();

  differ(stable: string, candidate: string, by: number): void {
    const key = `${stable} ${candidate}`;
    const full = this.#differences.size >= keptDifferences && !this.#differences.has(key);
    addTo(this.#differences, full ? `${otherStatus} ${otherStatus}` : key, by);
  }

  add(counts: MirrorRoute, sign: 1 | -1): void {
    this.requests += sign * counts.requests;
    for (const { stable, candidate, requests } of counts.differences)
      this.differ(stable, candidate, sign * requests);
    for (const [bucket, count] of counts.stableLatency) addTo(this.stableLatency, bucket, sign * count);
    for (const [bucket, count] of counts.candidateLatency) addTo(this.candidateLatency, bucket, sign * count);
  }

  read(route: string): MirrorRoute {
    const differences = [...this.#differences].map(([key, requests]) => {
      const [stable = '', candidate = ''] = key.split(' ');
      return { stable, candidate, requests };
    });
    return {
      route,
      requests: this.requests,
      differences: differences.filter(({ requests }) => requests > 0),
      stableLatency: sparse(this.stableLatency),
      candidateLatency: sparse(this.candidateLatency),
    };
  }
}

function statusText({ status }: HeadSeen): string {
  return status === null ? noHead : String(status);
}

function addTo<Key>(sums: Map<Key, number>, key: Key, by: number): void {
  sums.set(key, (sums.get(key) ?? 0) + by);
}

function sparse(histogram: ReadonlyMap<number, number>): SparseHistogram {
  return [...histogram].filter(([, count]) => count > 0).sort(([a], [b]) => a - b);
}
