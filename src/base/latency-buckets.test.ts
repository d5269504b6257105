import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { latencyBucket, latencyEdgesMs } from './latency-buckets.ts';

it('puts a latency into the first bucket whose edge is not below it', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1_000_000, noNaN: true }), (latencyMs) => {
      const bucket = latencyBucket(latencyMs);
      const below = latencyEdgesMs[bucket - 1] ?? 0;
      const edge = latencyEdgesMs[bucket] ?? Number.POSITIVE_INFINITY;
      const slack = 1 + 1e-9;
      assert.ok(latencyMs <= edge * slack && (bucket === 0 || latencyMs * slack >= below));
    }),
  );
});
