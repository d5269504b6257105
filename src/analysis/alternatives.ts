/** One alternative of a mixture: an odds multiplier of the null line, or null for "equals stable"; and its weight. */
export interface Alternative {
  readonly omega: number | null;
  readonly weight: number;
}

/** Twelve multipliers from 1.25 to 128 in equal ratios, weighted around 4: what a broken release looks like. */
export function harmAlternatives(
  count = 12,
  low = 1.25,
  high = 128,
  centre = 4,
  sd = 1,
): readonly Alternative[] {
  const omegas = geometric(count, low, high);
  const raw = omegas.map((omega) => Math.exp(-0.5 * (Math.log(omega / centre) / sd) ** 2));
  const sum = raw.reduce((total, weight) => total + weight, 0);
  return omegas.map((omega, k) => ({ omega, weight: (raw[k] ?? 0) / sum }));
}

/** "Equals stable" with half the weight, and six multipliers from .9 down to .02 sharing the rest. */
export function safeAlternatives(count = 6, high = 0.9, low = 0.02, equal = 0.5): readonly Alternative[] {
  const better = geometric(count, high, low).map((omega) => ({ omega, weight: (1 - equal) / count }));
  return [{ omega: null, weight: equal }, ...better];
}

function geometric(count: number, from: number, to: number): readonly number[] {
  return Array.from({ length: count }, (_, k) => from * (to / from) ** (k / (count - 1)));
}
