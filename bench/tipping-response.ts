import { observeBatch, startAnalysis, verdictOf } from '../src/analysis/analysis.ts';
import type { ArmBatch, Batch } from '../src/analysis/batch.ts';
import { defaultAnalysisSettings as settings } from '../src/analysis/settings.ts';
import { latencyBucket } from '../src/base/latency-buckets.ts';

export interface Response {
  /** Ms of the wall clock. */
  readonly at: number;
  readonly arm: 'candidate' | 'stable';
  readonly bad: boolean;
  readonly latencyMs: number;
}

/** The product's own rhythm. */
const tickMs = 100;
const none: ArmBatch = { requests: 0, bad: 0, clientErrors: 0, latency: [], abandoned: [] };

/**
 * The first response with which the product's analysis, at its defaults, says `failed`: batches close every 100 ms, and
 * the last one is cut off after that response. Null when no response does it.
 * @param responses in order of time.
 */
export function tippingResponse(responses: readonly Response[]): Response | null {
  let state = startAnalysis(settings);
  let batch: Batch = { atMs: 0, candidate: none, stable: none };
  let tick = Number.NaN;
  for (const response of responses) {
    const now = Math.floor(response.at / tickMs);
    if (now !== tick) {
      if (!Number.isNaN(tick)) state = observeBatch(state, batch, settings);
      batch = { atMs: 0, candidate: none, stable: none };
      tick = now;
    }
    batch = { ...batch, atMs: (now + 1) * tickMs, [response.arm]: withOne(batch[response.arm], response) };
    if (response.arm !== 'candidate' || !response.bad) continue;
    if (verdictOf(observeBatch(state, batch, settings), settings).kind === 'failed') return response;
  }
  return null;
}

function withOne(arm: ArmBatch, { bad, latencyMs }: Response): ArmBatch {
  const counts = new Map(arm.latency);
  const bucket = latencyBucket(latencyMs);
  counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
  return {
    ...arm,
    requests: arm.requests + 1,
    bad: arm.bad + (bad ? 1 : 0),
    latency: [...counts].sort(([a], [b]) => a - b),
  };
}
