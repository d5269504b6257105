import type { ArmBatch, Batch } from '../src/analysis/batch.ts';
import { latencyBucket } from '../src/base/latency-buckets.ts';
import { binomial, poisson, type Random } from './random.ts';
import { drawLatency } from './simulated-arms.ts';

/** Instances that are all alike, each with noise of its own, as on machines that it shares with others. */
export interface NoisyTraffic {
  /** Candidate and stable requests a second, spread evenly over the instances of the arm. */
  readonly flow: (second: number) => { readonly candidate: number; readonly stable: number };
  readonly instances: { readonly candidate: number; readonly stable: number };
  readonly badRate: number;
  readonly tickSeconds: number;
  readonly noise: InstanceNoise;
  /** The candidate's latency over stable's, apart from noise. Default 1. */
  readonly slowdown?: number;
}

export interface InstanceNoise {
  /** An instance stands still: how often on average, and for how long; requests that arrive meanwhile wait for the end. */
  readonly stall: { readonly everySeconds: number; readonly leastMs: number; readonly mostMs: number };
  /** The speed of an instance sways: standard deviation of the log of its latency, and how long a sway lasts. */
  readonly sway: { readonly deviation: number; readonly seconds: number };
}

/** Batches without an end: the caller stops reading. */
export function* simulateInstances(random: Random, traffic: NoisyTraffic): Generator<Batch, never> {
  const begin = Date.UTC(2026, 0, 1);
  const { tickSeconds: length, instances, noise, slowdown = 1 } = traffic;
  const names = (['candidate', 'stable'] as const).flatMap((arm) =>
    Array.from({ length: instances[arm] }, (_, k) => ({ arm, instance: `${arm}-${k + 1}` })),
  );
  const sways = new Map(names.map(({ instance }) => [instance, noise.sway.deviation * normal(random)]));
  const kept = Math.exp(-length / noise.sway.seconds);
  for (let second = 0; ; second += length) {
    const flow = traffic.flow(second);
    const each = names.map(({ arm, instance }) => {
      const sway = kept * (sways.get(instance) ?? 0);
      const now = sway + Math.sqrt(1 - kept * kept) * noise.sway.deviation * normal(random);
      sways.set(instance, now);
      const expected = (flow[arm] * length) / instances[arm];
      const factor = Math.exp(now) * (arm === 'candidate' ? slowdown : 1);
      return { arm, instance, ...tickOf(random, traffic, { expected, factor }) };
    });
    const of = (wanted: string) => each.filter(({ arm }) => arm === wanted);
    yield {
      atMs: begin + Math.round((second + length) * 1000),
      candidate: sum(of('candidate')),
      candidateInstances: instances.candidate,
      stable: sum(of('stable')),
      stableInstances: of('stable'),
    };
  }
}

function tickOf(
  random: Random,
  { badRate, tickSeconds, noise: { stall } }: NoisyTraffic,
  { expected, factor }: { readonly expected: number; readonly factor: number },
): ArmBatch {
  const requests = poisson(random, expected);
  const counts = new Map<number, number>();
  const count = (bucket: number, more: number) => {
    if (more > 0) counts.set(bucket, (counts.get(bucket) ?? 0) + more);
  };
  let left = requests;
  for (let stalls = poisson(random, tickSeconds / stall.everySeconds); stalls > 0; stalls -= 1) {
    const lasts = stall.leastMs + random() * (stall.mostMs - stall.leastMs);
    const caught = binomial(random, left, Math.min(1, lasts / (1000 * tickSeconds)));
    for (let k = 0; k < caught; k += 1) count(latencyBucket(20 + random() * lasts), 1);
    left -= caught;
  }
  const shift = 8 * Math.log2(factor);
  for (const [bucket, drawn] of drawLatency(random, left)) {
    const up = binomial(random, drawn, shift - Math.floor(shift));
    count(Math.max(0, bucket + Math.floor(shift)), drawn - up);
    count(Math.max(0, bucket + Math.floor(shift) + 1), up);
  }
  const latency = [...counts].sort(([a], [b]) => a - b);
  return { requests, bad: binomial(random, requests, badRate), clientErrors: 0, latency, abandoned: [] };
}

function sum(arms: readonly ArmBatch[]): ArmBatch {
  const latency = new Map<number, number>();
  for (const [bucket, count] of arms.flatMap((arm) => arm.latency)) {
    latency.set(bucket, (latency.get(bucket) ?? 0) + count);
  }
  return {
    requests: arms.reduce((all, { requests }) => all + requests, 0),
    bad: arms.reduce((all, { bad }) => all + bad, 0),
    clientErrors: 0,
    latency: [...latency].sort(([a], [b]) => a - b),
    abandoned: [],
  };
}

function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
