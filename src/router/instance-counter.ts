import type { InstanceCounts, SparseHistogram } from '../base/counts.ts';
import type { InstanceId } from '../base/ids.ts';
import { latencyBucket, latencyEdgesMs } from '../base/latency-buckets.ts';

export type StatusClass = '2xx' | '3xx' | '4xx' | '5xx' | 'error';

/** What became of one request: its status class, and how long the head took (null: not measured). */
export interface Outcome {
  readonly status: StatusClass;
  readonly safe: boolean;
  readonly latencyMs: number | null;
}

/** 101 and above two hundred; an upgrade that succeeded stands with the good answers. */
export function statusClass(status: number): StatusClass {
  if (status < 300) return '2xx';
  if (status < 400) return '3xx';
  return status < 500 ? '4xx' : '5xx';
}

export function isBad(status: StatusClass): boolean {
  return status === '5xx' || status === 'error';
}

export interface LateCounts {
  readonly safe: number;
  readonly unsafe: number;
}

/** A reading of another router. */
export interface CountedElsewhere {
  readonly counts: InstanceCounts;
  readonly late: LateCounts;
}

/** Cumulative counts of one instance. */
export class InstanceCounter {
  readonly instance: InstanceId;
  readonly generation: string;
  #requests = 0;
  #bad = 0;
  #shielded = 0;
  #safeRequests = 0;
  #safeBad = 0;
  #statuses = { '2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0, error: 0 };
  #latency = new Float64Array(latencyEdgesMs.length + 1);
  #abandoned = new Float64Array(latencyEdgesMs.length + 1);
  #late = { safe: 0, unsafe: 0 };
  #home: { readonly leavesLate: boolean };

  /** While `home.leavesLate`, a router that takes over sees to the late ones. */
  constructor(instance: InstanceId, generation: string, home: { readonly leavesLate: boolean }) {
    this.#home = home;
    this.instance = instance;
    this.generation = generation;
  }

  /** Gives back whether it counted as bad, which it also does in the place of an earlier one. */
  count({ status, safe, latencyMs }: Outcome): boolean {
    this.#requests += 1;
    this.#statuses[status] += 1;
    if (safe) this.#safeRequests += 1;
    if (latencyMs !== null) this.#add(this.#latency, latencyMs);
    const bad = isBad(status) || this.#takeLate(safe);
    if (bad) {
      this.#bad += 1;
      if (safe) this.#safeBad += 1;
    }
    return bad;
  }

  /**
   * A response that was counted as good broke off. It becomes bad together with the next good request of its kind, so
   * that no batch of counts ever holds more bad requests than requests.
   */
  countLate(safe: boolean): void {
    this.#late[safe ? 'safe' : 'unsafe'] += 1;
  }

  /**
   * Another instance answers the user of a request that was counted as bad here; `-1` takes that back. It is counted when
   * that one is asked, so that no reading shows users as harmed who are about to get their answer.
   */
  shield(by: 1 | -1): void {
    this.#shielded += by;
  }

  abandon(elapsedMs: number): void {
    this.#add(this.#abandoned, elapsedMs);
  }

  /** Broken responses that no good request has paid for. */
  get late(): LateCounts {
    return { ...this.#late };
  }

  /** Adds what another router counted for the same instance between two readings. */
  absorb(now: CountedElsewhere, before: CountedElsewhere | undefined): void {
    const more = (read: (counted: CountedElsewhere) => number) =>
      read(now) - (before === undefined ? 0 : read(before));
    this.#requests += more(({ counts }) => counts.requests);
    this.#bad += more(({ counts }) => counts.bad);
    this.#shielded += more(({ counts }) => counts.shielded ?? 0);
    this.#safeRequests += more(({ counts }) => counts.safeRequests);
    this.#safeBad += more(({ counts }) => counts.safeBad);
    for (const status of ['2xx', '3xx', '4xx', '5xx', 'error'] as const)
      this.#statuses[status] += more(({ counts }) => counts.statuses[status]);
    this.#late.safe += more(({ late }) => late.safe);
    this.#late.unsafe += more(({ late }) => late.unsafe);
    for (const kind of ['latency', 'abandoned'] as const) {
      const histogram = kind === 'latency' ? this.#latency : this.#abandoned;
      const add = ([bucket, count]: readonly [number, number], sign: 1 | -1) => {
        histogram[bucket] = (histogram[bucket] ?? 0) + sign * count;
      };
      for (const pair of now.counts[kind]) add(pair, 1);
      for (const pair of before?.counts[kind] ?? []) add(pair, -1);
    }
  }

  read(inFlight: number): InstanceCounts {
    return {
      instance: this.instance,
      generation: this.generation,
      requests: this.#requests,
      bad: this.#bad,
      clientErrors: this.#statuses['4xx'],
      shielded: this.#shielded,
      safeRequests: this.#safeRequests,
      safeBad: this.#safeBad,
      statuses: { ...this.#statuses },
      latency: sparse(this.#latency),
      abandoned: sparse(this.#abandoned),
      inFlight,
    };
  }

  #takeLate(safe: boolean): boolean {
    const kind = safe ? 'safe' : 'unsafe';
    if (this.#late[kind] === 0 || this.#home.leavesLate) return false;
    this.#late[kind] -= 1;
    return true;
  }

  #add(histogram: Float64Array, elapsedMs: number): void {
    const bucket = latencyBucket(elapsedMs);
    histogram[bucket] = (histogram[bucket] ?? 0) + 1;
  }
}

function sparse(histogram: Float64Array): SparseHistogram {
  const result: [number, number][] = [];
  histogram.forEach((count, bucket) => {
    if (count > 0) result.push([bucket, count]);
  });
  return result;
}
