/**
 * Upper edges of the latency buckets in milliseconds: 0.1 × 2^(k/8), k = 0 … 167, up to 3.3 minutes. The router counts
 * in them and the analysis reads them; the overflow bucket has the index `latencyEdgesMs.length`.
 */
export const latencyEdgesMs: readonly number[] = Array.from({ length: 168 }, (_, k) => 0.1 * 2 ** (k / 8));

/** Index of the first bucket whose upper edge is at least `latencyMs`. */
export function latencyBucket(latencyMs: number): number {
  if (!(latencyMs > 0.1)) return 0;
  const guess = Math.ceil(8 * Math.log2(latencyMs / 0.1) - 1e-9);
  return Math.min(guess, latencyEdgesMs.length);
}
