import type { Interval } from './interval.ts';
import { logBeta } from './log-beta.ts';

/**
 * Interval of the u-quantile in bucket edges. An edge is excluded while the count at or below it is incompatible with F = u
 * under a Beta(20u, 20(1−u)) mixture. The ends are 0 and Infinity where no edge is excluded.
 * @param counts one entry more than `bounds`, the last one beyond all edges.
 */
export function quantileInterval(
  bounds: readonly number[],
  counts: readonly number[],
  u: number,
  alpha: number,
): Interval {
  const total = counts.reduce((sum, count) => sum + count, 0);
  let [low, high, below] = [0, Number.POSITIVE_INFINITY, 0];
  for (const [i, edge] of bounds.entries()) {
    below += counts[i] ?? 0;
    if (!isExcluded(below, total, u, alpha)) continue;
    if (below < u * total) low = edge;
    else high = Math.min(high, edge);
  }
  return [low, high];
}

function isExcluded(below: number, total: number, u: number, alpha: number): boolean {
  const [a, b] = [20 * u, 20 * (1 - u)];
  const mixed = logBeta(a + below, b + total - below) - logBeta(a, b);
  return mixed - below * Math.log(u) - (total - below) * Math.log1p(-u) >= -Math.log(alpha);
}
