import type { ArmBatch, Batch } from '../analysis/batch.ts';
import type { InstanceCounts, SparseHistogram, TrafficCounts } from '../base/counts.ts';
import type { RolloutId } from '../base/ids.ts';

type Reading = Pick<InstanceCounts, 'requests' | 'bad' | 'clientErrors' | 'latency' | 'abandoned'>;

/** Turns the router's cumulative counts into what happened between two readings. */
export class BatchReader {
  readonly #candidate: RolloutId;
  readonly #stable: RolloutId | null;
  #last = new Map<string, Reading>();
  #epoch: string | null = null;

  constructor(candidate: RolloutId, stable: RolloutId | null) {
    this.#candidate = candidate;
    this.#stable = stable;
  }

  /** Null for the first reading, and for the first of a new epoch of the router: nothing to compare it with. */
  read(counts: TrafficCounts): Batch | null {
    const previous = this.#epoch === counts.epoch ? this.#last : null;
    this.#epoch = counts.epoch;
    this.#last = new Map(counts.instances.map((one) => [one.instance, one]));
    if (previous === null) return null;
    const of = (generation: RolloutId | null) =>
      counts.instances
        .filter((one) => one.generation === generation)
        .map((one) => difference(one, previous.get(one.instance)));
    const stableInstances = of(this.#stable);
    return {
      atMs: counts.at,
      candidate: sum(of(this.#candidate)),
      stable: sum(stableInstances),
      stableInstances,
    };
  }
}

const nothing: ArmBatch = { requests: 0, bad: 0, clientErrors: 0, latency: [], abandoned: [] };

/** What one arm did altogether. */
export function sum(arms: readonly ArmBatch[]): ArmBatch {
  return arms.reduce(
    (total, arm) => ({
      requests: total.requests + arm.requests,
      bad: total.bad + arm.bad,
      clientErrors: total.clientErrors + arm.clientErrors,
      latency: merge(total.latency, arm.latency, 1),
      abandoned: merge(total.abandoned, arm.abandoned, 1),
    }),
    nothing,
  );
}

function difference(now: Reading, before: Reading = nothing): ArmBatch {
  return {
    requests: now.requests - before.requests,
    bad: now.bad - before.bad,
    clientErrors: now.clientErrors - before.clientErrors,
    latency: merge(now.latency, before.latency, -1),
    abandoned: merge(now.abandoned, before.abandoned, -1),
  };
}

function merge(left: SparseHistogram, right: SparseHistogram, sign: 1 | -1): SparseHistogram {
  const counts = new Map(left);
  for (const [bucket, count] of right) counts.set(bucket, (counts.get(bucket) ?? 0) + sign * count);
  return [...counts].filter(([, count]) => count !== 0).sort(([a], [b]) => a - b);
}
