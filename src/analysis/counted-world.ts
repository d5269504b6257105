import { latencyBucket } from '../base/latency-buckets.ts';
import type { ArmBatch } from './batch.ts';

/** What one arm answered, without latencies. */
export function arm(requests: number, bad: number): ArmBatch {
  return { requests, bad, clientErrors: 0, latency: [], abandoned: [] };
}

/** The same with a latency for each of its requests, ms. */
export function withLatency(of: ArmBatch, latencyMs: () => number): ArmBatch {
  const counts = new Map<number, number>();
  for (let i = 0; i < of.requests; i += 1) {
    const bucket = latencyBucket(latencyMs());
    counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
  }
  return { ...of, latency: [...counts].sort(([a], [b]) => a - b) };
}

/** A small repeatable generator (mulberry32), so that a failing seed can be run again. */
export function chance(seed: number): () => number {
  let held = seed;
  return () => {
    held = (held + 0x6d2b79f5) | 0;
    let mixed = Math.imul(held ^ (held >>> 15), 1 | held);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
