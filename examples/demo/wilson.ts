/** Wilson's score interval of a share, 95 %; the whole range where nothing was seen. */
export function wilson(bad: number, requests: number): readonly [low: number, high: number] {
  if (requests === 0) return [0, 1];
  const z = 1.96;
  const p = bad / requests;
  const scale = 1 + (z * z) / requests;
  const middle = (p + (z * z) / (2 * requests)) / scale;
  const half = (z * Math.sqrt((p * (1 - p)) / requests + (z * z) / (4 * requests * requests))) / scale;
  return [bad === 0 ? 0 : Math.max(0, middle - half), bad === requests ? 1 : Math.min(1, middle + half)];
}
