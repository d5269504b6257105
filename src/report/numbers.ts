import type { ArmBatch } from '../analysis/batch.ts';
import type { RateFigure } from '../analysis/figures.ts';
import { quantileEdge } from '../analysis/histogram.ts';
import { latencyEdgesMs } from '../base/latency-buckets.ts';

/** Three significant digits at most, without an exponent where people read it. */
export function number(amount: number): string {
  return String(Number(amount.toPrecision(amount >= 100 ? 3 : 2)));
}

export function percent(share: number): string {
  return `${number(share * 100)} %`;
}

/** An e-value from its logarithm. */
export function eValue(logE: number): string {
  return logE > Math.log(1e6) ? 'over a million' : number(Math.exp(logE));
}

export function rateText({ requests, bad, interval }: RateFigure): string {
  if (requests === 0) return 'no requests';
  return `${percent(bad / requests)} (${percent(interval[0])} to ${percent(interval[1])}), ${bad} of ${requests}`;
}

/** Upper edge of the bucket in which the quantile lies, ms; null without a measured request. */
export function quantileMs({ latency }: Pick<ArmBatch, 'latency'>, quantile: number): number | null {
  const edge = quantileEdge(latency, quantile);
  return edge === null ? null : (latencyEdgesMs[edge] ?? Number.POSITIVE_INFINITY);
}

export function latencyText(ms: number | null): string {
  if (ms === null) return 'not measured';
  return Number.isFinite(ms) ? `${number(ms)} ms` : 'over 3 min';
}
