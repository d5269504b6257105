const halfLogTwoPi = 0.5 * Math.log(2 * Math.PI);
/** Above it the corrections below are exact to the last digit. */
const large = 10;
const corrections = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156, -3617 / 122400];

/**
 * ln B(a, b) for positive a and b. Differences of lgamma lose all digits where one argument is large, so the large parts are
 * cancelled on paper and only Stirling's corrections are subtracted.
 */
export function logBeta(a: number, b: number): number {
  const p = Math.min(a, b);
  const q = Math.max(a, b);
  if (q < large) return logGamma(p) + logGamma(q) - logGamma(p + q);
  const share = p / (p + q);
  const corrected = stirling(q) - stirling(p + q);
  if (p < large) return logGamma(p) + corrected + p - p * Math.log(p + q) + (q - 0.5) * Math.log1p(-share);
  const powers = (p - 0.5) * Math.log(share) + q * Math.log1p(-share);
  return halfLogTwoPi - 0.5 * Math.log(q) + stirling(p) + corrected + powers;
}

/** ln Γ(x) for small positive x, by moving up to where Stirling's series holds. */
function logGamma(x: number): number {
  let moved = x;
  let product = 1;
  for (; moved < large; moved += 1) product *= moved;
  return (moved - 0.5) * Math.log(moved) - moved + halfLogTwoPi + stirling(moved) - Math.log(product);
}

/** ln Γ(x) − Stirling's formula, for x ≥ 10. */
function stirling(x: number): number {
  const inverse = 1 / (x * x);
  return corrections.reduceRight((sum, term) => sum * inverse + term, 0) / x;
}
