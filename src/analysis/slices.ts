import { logAddExp } from './mixture.ts';

/**
 * K3: natural log of the e-value that the candidate's slices are not a random choice of all slices, for the tilt `a`.
 * Exact under exchangeability, whatever happens inside a slice.
 * @param candidate bad requests in each candidate slice; `stable` the same for stable.
 */
export function logESlices(candidate: readonly number[], stable: readonly number[], a: number): number {
  if (candidate.length === 0 || stable.length === 0) return 0;
  const all = [...candidate, ...stable];
  // Equal counts say nothing, and most ticks have no bad request at all.
  if (all.every((count) => count === all[0])) return 0;
  const tilt = Math.log(a);
  const sum = candidate.reduce((total, count) => total + count, 0);
  const scaled = logSymmetric(
    all.map((count) => count * tilt),
    candidate.length,
  );
  return sum * tilt - (scaled - logChoose(all.length, candidate.length));
}

/** Log of the elementary symmetric polynomial of degree `degree`, of terms given by their logs. */
function logSymmetric(logs: readonly number[], degree: number): number {
  const sums = [0, ...Array.from({ length: degree }, () => Number.NEGATIVE_INFINITY)];
  for (const log of logs) {
    for (let k = degree; k >= 1; k -= 1) {
      sums[k] = logAddExp(
        sums[k] ?? Number.NEGATIVE_INFINITY,
        (sums[k - 1] ?? Number.NEGATIVE_INFINITY) + log,
      );
    }
  }
  return sums[degree] ?? Number.NEGATIVE_INFINITY;
}

function logChoose(n: number, k: number): number {
  let log = 0;
  for (let i = 0; i < k; i += 1) log += Math.log((n - i) / (i + 1));
  return log;
}
