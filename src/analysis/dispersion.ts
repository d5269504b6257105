/**
 * Successive-difference Pearson dispersion φ of stable history: 1 for independent requests, more for bursts. Differences of
 * neighbours leave slow drift out.
 */
export function dispersion(history: readonly { readonly m: number; readonly y: number }[]): number {
  const used = history.filter(({ m }) => m > 0);
  const total = used.reduce((sum, { m }) => sum + m, 0);
  const rate = used.reduce((sum, { y }) => sum + y, 0) / total;
  const variance = rate * (1 - rate);
  if (used.length < 2 || !(variance > 0)) return 1;
  let sum = 0;
  for (const [i, { m, y }] of used.slice(1).entries()) {
    const before = used[i] ?? { m, y };
    sum += (y / m - before.y / before.m) ** 2 / (variance * (1 / m + 1 / before.m));
  }
  return Math.max(1, sum / (used.length - 1));
}
