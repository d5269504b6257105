/** Numbers from 0 up to 1. */
export type Random = () => number;

/** A seeded generator (sfc32 by Chris Doty-Humphrey): one seed gives one sequence on every machine. */
export function seededRandom(seed: number, stream = 0): Random {
  let [a, b, c, counter] = [seed | 0, stream | 0, 0x9e3779b9 | 0, 1];
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let k = 0; k < 16; k += 1) next();
  return next;
}

/** Bad ones among `n` requests. Exact: the inverse of the distribution, searched outwards from its mode. */
export function binomial(random: Random, n: number, p: number): number {
  if (n === 0 || p <= 0) return 0;
  if (p >= 1) return n;
  const mode = Math.min(Math.floor((n + 1) * p), n);
  const odds = p / (1 - p);
  const logMass =
    logFactorial(n) -
    logFactorial(mode) -
    logFactorial(n - mode) +
    mode * Math.log(p) +
    (n - mode) * Math.log1p(-p);
  return outwards(random(), mode, Math.exp(logMass), {
    up: (k) => ((n - k) / (k + 1)) * odds,
    last: n,
  });
}

/** Requests that arrive where `mean` are expected. Exact in the same way. */
export function poisson(random: Random, mean: number): number {
  if (mean <= 0) return 0;
  const mode = Math.floor(mean);
  const mass = Math.exp(mode * Math.log(mean) - mean - logFactorial(mode));
  return outwards(random(), mode, mass, { up: (k) => mean / (k + 1), last: Number.POSITIVE_INFINITY });
}

/** Subtracts the masses of mode, mode + 1, mode − 1, … until the share is used up; `up(k)` is mass(k + 1)/mass(k). */
function outwards(
  share: number,
  mode: number,
  mass: number,
  { up, last }: { readonly up: (k: number) => number; readonly last: number },
): number {
  let left = share - mass;
  if (left < 0) return mode;
  let [high, highMass, low, lowMass] = [mode, mass, mode, mass];
  // What rounding leaves over is far below one in 10¹²; it falls to the mode.
  while (highMass > 1e-300 || lowMass > 1e-300) {
    highMass = high < last ? highMass * up(high) : 0;
    high += 1;
    left -= highMass;
    if (left < 0) return high;
    low -= 1;
    lowMass = low >= 0 ? lowMass / up(low) : 0;
    left -= lowMass;
    if (left < 0) return low;
  }
  return mode;
}

const small: number[] = [0];
for (let k = 1; k < 256; k += 1) small.push((small[k - 1] ?? 0) + Math.log(k));

function logFactorial(k: number): number {
  if (k < 256) return small[k] ?? 0;
  return k * Math.log(k) - k + 0.5 * Math.log(2 * Math.PI * k) + 1 / (12 * k) - 1 / (360 * k ** 3);
}
