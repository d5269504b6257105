import type { ArmBatch, Batch } from '../src/analysis/batch.ts';
import type { SparseHistogram } from '../src/base/counts.ts';
import { latencyBucket } from '../src/base/latency-buckets.ts';
import { binomial, poisson, type Random } from './random.ts';

/** Users' traffic to both arms, as a rollout meets it. Times count from the first request, in seconds. */
export interface SimulatedTraffic {
  /** Candidate and stable requests a second. */
  readonly flow: (second: number) => { readonly candidate: number; readonly stable: number };
  /** Shares of bad requests. */
  readonly badRate: (second: number) => { readonly candidate: number; readonly stable: number };
  /** Length of the batch that begins then; the product's own rhythm is `productTick`. */
  readonly tick: (second: number) => number;
  /** Both arms answer equally fast, and the batches carry it. Without it they say nothing about latency. */
  readonly latency: boolean;
}

/** 100 ms for the first 60 s after a change of weight, 1 s afterwards. */
export function productTick(second: number): number {
  return second < 60 - 1e-9 ? 0.1 : 1;
}

/** Batches without an end: the caller stops reading. Arms are drawn batch by batch, which is the same as one by one. */
export function* simulateArms(random: Random, traffic: SimulatedTraffic): Generator<Batch, never> {
  const begin = Date.UTC(2026, 0, 1);
  let second = 0;
  while (true) {
    const length = traffic.tick(second);
    const flow = traffic.flow(second);
    const rate = traffic.badRate(second);
    second += length;
    const arm = (side: 'candidate' | 'stable') =>
      simulateArm(random, { expected: flow[side] * length, badRate: rate[side], latency: traffic.latency });
    yield { atMs: begin + Math.round(second * 1000), candidate: arm('candidate'), stable: arm('stable') };
  }
}

function simulateArm(
  random: Random,
  { expected, badRate, latency }: { expected: number; badRate: number; latency: boolean },
): ArmBatch {
  const requests = poisson(random, expected);
  return {
    requests,
    bad: binomial(random, requests, badRate),
    clientErrors: 0,
    latency: latency ? drawLatency(random, requests) : [],
    abandoned: [],
  };
}

/** Log-normal around 20 ms with a sigma of .5 (p95 at 46 ms), in shares of the buckets from the fastest on. */
const shape = latencyShape(20, 0.5);

export function drawLatency(random: Random, requests: number): SparseHistogram {
  const counts: [number, number][] = [];
  let left = requests;
  for (let k = 0; k < shape.length && left > 0; k += 1) {
    const [bucket, ofTheRest] = shape[k] as (typeof shape)[number];
    const count = binomial(random, left, ofTheRest);
    left -= count;
    if (count > 0) counts.push([bucket, count]);
  }
  return counts;
}

/** Each bucket with its share of what the buckets before it left over; the last one takes all. */
function latencyShape(medianMs: number, sigma: number): readonly (readonly [number, number])[] {
  const steps = 20_000;
  const masses = new Map<number, number>();
  let whole = 0;
  for (let k = 0; k <= steps; k += 1) {
    const z = -4 + (8 * k) / steps;
    const mass = Math.exp(-z * z * 0.5);
    const bucket = latencyBucket(medianMs * Math.exp(sigma * z));
    masses.set(bucket, (masses.get(bucket) ?? 0) + mass);
    whole += mass;
  }
  let left = whole;
  return [...masses].map(([bucket, mass], k) => {
    const share = k === masses.size - 1 ? 1 : Math.min(mass / left, 1);
    left -= mass;
    return [bucket, share] as const;
  });
}
