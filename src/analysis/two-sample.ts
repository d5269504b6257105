/** Rates are kept inside this range, so that a first bad request has a finite weight. */
const rateFloor = 1e-6;
/** How near the stable arm's factor may come to zero. */
const factorFloor = 1e-4;

export interface TwoSampleBatch {
  /** Candidate requests, and bad ones. */
  readonly n: number;
  readonly x: number;
  /** Stable requests, and bad ones. */
  readonly m: number;
  readonly y: number;
}

export interface TwoSampleTest {
  /** The null line p_c ≤ r·p_b + d. `r = 0` is an absolute limit, and the stable arm is not looked at. */
  readonly r: number;
  readonly d: number;
  /** Stable bad rate as the past has it. A poor one costs power, never validity. */
  readonly pHat: number;
  /** Candidate rate of the alternative. */
  readonly q: number;
}

/**
 * K1: natural log of a batch's e-value against p_c ≤ r·p_b + d. Its mean is at most 1 for every p_b, because
 * n·ln E_c + m·ln E_b is concave in p_b with value and slope 0 at π0 (Turner, Ly & Grünwald; Wald for r = 0).
 */
export function logETwoSample(batch: TwoSampleBatch, test: TwoSampleTest): number {
  return logEAt(batch, test, test.q);
}

/** The same for an alternative beside the test: one test is asked under a dozen of them, with each batch. */
export function logEAt(
  { n, x, m, y }: TwoSampleBatch,
  test: Omit<TwoSampleTest, 'q'>,
  alternative: number,
): number {
  const { r, d } = test;
  const rate = clampRate(alternative);
  if (r === 0) return bernoulli(n, x, rate, clampRate(d));
  if (n === 0 || m === 0) return 0;
  const nu = n / m;
  const pi = nearestNull(nu, test, rate);
  const kappa = clampRate(r * pi + d);
  const variance = kappa * (1 - kappa);
  const wanted = (nu * r * (rate - kappa)) / variance;
  const s = Math.min(Math.max(wanted, -(1 - factorFloor) / pi), (1 - factorFloor) / (1 - pi));
  const q = s === wanted ? rate : kappa + (s * variance) / (nu * r);
  return bernoulli(n, x, q, kappa) + y * Math.log1p(-(1 - pi) * s) + (m - y) * Math.log1p(pi * s);
}

export function clampRate(rate: number): number {
  return Math.min(Math.max(rate, rateFloor), 1 - rateFloor);
}

/** The stable rate on the null line that explains both arms best: where the factor's slope in p_b is zero. */
function nearestNull(nu: number, { r, d, pHat: past }: Omit<TwoSampleTest, 'q'>, q: number): number {
  const pHat = clampRate(past);
  if (d === 0) return clampRate((nu * q + pHat) / (nu * r + 1));
  const a = r * (nu * r + 1);
  const b = d * (nu * r + 1) - nu * r * q - r * pHat;
  const c = -pHat * d;
  const root = Math.sqrt(b * b - 4 * a * c);
  return clampRate(b > 0 ? (-2 * c) / (b + root) : (root - b) / (2 * a));
}

function bernoulli(n: number, x: number, q: number, p: number): number {
  return x * Math.log(q / p) + (n - x) * Math.log((1 - q) / (1 - p));
}
