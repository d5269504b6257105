import type { SparseHistogram } from '../base/counts.ts';

export function countOf(histogram: SparseHistogram): number {
  return histogram.reduce((sum, [, count]) => sum + count, 0);
}

/** Entries above the upper edge of bucket `edge`. */
export function exceed(histogram: SparseHistogram, edge: number): number {
  return histogram.reduce((sum, [bucket, count]) => (bucket > edge ? sum + count : sum), 0);
}

export function addHistograms(a: SparseHistogram, b: SparseHistogram): SparseHistogram {
  const counts = new Map(a);
  for (const [bucket, count] of b) counts.set(bucket, (counts.get(bucket) ?? 0) + count);
  return [...counts].filter(([, count]) => count > 0).sort(([x], [y]) => x - y);
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

/** The edge whose exceedance is nearest to 1 − u, the first on a tie. */
export function nearestEdge(histogram: SparseHistogram, u: number, edges: number): number {
  const total = countOf(histogram);
  const counts = new Map(histogram);
  let [best, distance, above] = [0, Number.POSITIVE_INFINITY, total];
  for (let edge = 0; edge < edges; edge += 1) {
    above -= counts.get(edge) ?? 0;
    const off = Math.abs(above / total - (1 - u));
    if (off < distance) [best, distance] = [edge, off];
  }
  return best;
}
