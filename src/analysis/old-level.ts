import { limitLogE } from './absolute-limit.ts';
import { limitQuantile } from './analysis-state.ts';
import type { ArmBatch } from './batch.ts';
import { countOf, exceed, quantileEdge } from './histogram.ts';
import type { AnalysisSettings } from './settings.ts';

/** Requests before which a recorded level says too little to be held against anything. */
const enough = 100;
/** Buckets of latency that make a factor of two. */
const bucketsOfTwo = 8;
/** Evidence against the old level at which service counts as not restored, 1 of 20. */
const doubt = Math.log(20);

/**
 * Answers later than `factor` times the recorded p95, of all answers that had one. At the old level one in twenty is later
 * than p95, so far fewer are later than its multiple. Null where too little was recorded.
 */
export function beyondOldP95(
  now: Pick<ArmBatch, 'latency'>,
  old: Pick<ArmBatch, 'latency'>,
  factor: number,
): { readonly requests: number; readonly bad: number } | null {
  const edge = countOf(old.latency) < enough ? null : quantileEdge(old.latency, limitQuantile);
  if (edge === null) return null;
  const limit = edge + Math.round(bucketsOfTwo * Math.log2(factor));
  return { requests: countOf(now.latency), bad: exceed(now.latency, limit) };
}

/** ln E against "p95 is within the factor of what was recorded"; 0 where that cannot be said. */
export function slowerThanOldLogE(
  now: Pick<ArmBatch, 'latency'>,
  old: Pick<ArmBatch, 'latency'>,
  factor: number | null,
): number {
  const beyond = factor === null ? null : beyondOldP95(now, old, factor);
  return beyond === null ? 0 : limitLogE(beyond, 1 - limitQuantile);
}

/** Whether an arm fails and lingers no more than it did, by the margins that safety uses. */
export function isAtOldLevel(
  now: ArmBatch,
  old: ArmBatch,
  { safetyMargin, triggers }: AnalysisSettings,
): { readonly errors: boolean; readonly latency: boolean } {
  const known = old.requests >= enough;
  const limit = known
    ? safetyMargin.ratio * (old.bad / old.requests) + safetyMargin.absolute
    : (triggers.errorRate ?? 1);
  return {
    errors: limit >= 1 || limitLogE(now, limit) < doubt,
    latency: slowerThanOldLogE(now, old, triggers.latencyFactor) < doubt,
  };
}
