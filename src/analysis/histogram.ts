import type { SparseHistogram } from '../base/counts.ts';

// Written as loops that make no objects: each batch of each rollout goes through here dozens of times.

export function countOf(histogram: SparseHistogram): number {
  let sum = 0;
  for (const [, count] of histogram) sum += count;
  return sum;
}

/** Entries above the upper edge of bucket `edge`. */
export function exceed(histogram: SparseHistogram, edge: number): number {
  let sum = 0;
  for (const [bucket, count] of histogram) if (bucket > edge) sum += count;
  return sum;
}

/** Both are in rising order of bucket, and so is the sum: nearly all the time of an analysis goes into this. */
export function addHistograms(a: SparseHistogram, b: SparseHistogram): SparseHistogram {
  if (a.length === 0 || b.length === 0) return a.length === 0 ? b : a;
  const sum: SparseHistogram[number][] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [left, right] = [a[i], b[j]];
    if (left !== undefined && (right === undefined || left[0] < right[0])) {
      sum.push(left);
      i += 1;
    } else if (right !== undefined && (left === undefined || right[0] < left[0])) {
      sum.push(right);
      j += 1;
    } else if (left !== undefined && right !== undefined) {
      sum.push([left[0], left[1] + right[1]]);
      i += 1;
      j += 1;
    }
  }
  // Pushing leaves room for more than twice as many, and sums are kept.
  return sum.slice();
}

/** Index of the edge below which the share `u` lies, nearest-rank; null for an empty histogram. */
export function quantileEdge(histogram: SparseHistogram, u: number): number | null {
  const rank = u * countOf(histogram);
  let seen = 0;
  for (const [bucket, count] of histogram) {
    seen += count;
    if (seen >= rank && seen > 0) return bucket;
  }
  return null;
}

/** The edge whose exceedance is nearest to 1 − u, the first on a tie; the exceedance only changes at a bucket with entries. */
export function nearestEdge(histogram: SparseHistogram, u: number, edges: number): number {
  const total = countOf(histogram);
  const off = (above: number) => Math.abs(above / total - (1 - u));
  let above = total;
  let best = 0;
  let least = histogram[0]?.[0] === 0 ? Number.POSITIVE_INFINITY : off(total);
  for (const [bucket, count] of histogram) {
    if (bucket >= edges) break;
    above -= count;
    if (off(above) < least) {
      best = bucket;
      least = off(above);
    }
  }
  return best;
}
