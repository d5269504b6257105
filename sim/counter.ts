import type { InstanceCounts } from '../src/base/counts.ts';
import type { InstanceId } from '../src/base/ids.ts';
import { latencyBucket } from '../src/base/latency-buckets.ts';

/** What the pretended router counted for one instance. */
export class Counter {
  inFlight = 0;
  readonly #generation: string;
  readonly #latency = new Map<number, number>();
  #requests = 0;
  #bad = 0;
  #safeRequests = 0;
  #safeBad = 0;
  #shielded = 0;

  constructor(generation: string) {
    this.#generation = generation;
  }

  answered(latencyMs: number, { bad, safe }: { readonly bad: boolean; readonly safe: boolean }): void {
    this.#requests += 1;
    if (bad) this.#bad += 1;
    if (safe) this.#safeRequests += 1;
    if (safe && bad) this.#safeBad += 1;
    const bucket = latencyBucket(latencyMs);
    this.#latency.set(bucket, (this.#latency.get(bucket) ?? 0) + 1);
  }

  /** Another instance answers in place of this one, or it cannot either. */
  shield(by: 1 | -1): void {
    this.#shielded += by;
  }

  read(instance: InstanceId): InstanceCounts {
    const { inFlight } = this;
    const requests = this.#requests;
    const bad = this.#bad;
    return {
      instance,
      generation: this.#generation,
      requests,
      bad,
      clientErrors: 0,
      shielded: this.#shielded,
      safeRequests: this.#safeRequests,
      safeBad: this.#safeBad,
      statuses: { '2xx': requests - bad, '3xx': 0, '4xx': 0, '5xx': bad, error: 0 },
      latency: [...this.#latency].sort(([a], [b]) => a - b),
      abandoned: [],
      inFlight,
    };
  }
}
