/** Saturation: a mean per decorrelated interval, null mean(c − r·b − d) ≤ 0. Plain JSON. */
export interface GaugeState {
  /** Intervals, Σz and Σz². */
  readonly t: number;
  readonly sum: number;
  readonly squares: number;
}

export interface GaugeConfig {
  readonly r: number;
  readonly d: number;
  /** Prior variance of the effect, default 1. */
  readonly c2?: number;
}

export const emptyGauge: GaugeState = { t: 0, sum: 0, squares: 0 };

/** @param candidate mean of the interval, in the unit of `stable` and of `d`. */
export function observeGauge(
  { t, sum, squares }: GaugeState,
  { candidate, stable }: { readonly candidate: number; readonly stable: number },
  { r, d }: GaugeConfig,
): GaugeState {
  const z = candidate - r * stable - d;
  return { t: t + 1, sum: sum + z, squares: squares + z * z };
}

/** ln E of the t e-process (Wang & Ramdas 2023), one-sided: a candidate below the line gains nothing. */
export function gaugeLogE({ t, sum, squares }: GaugeState, c2 = 1): number {
  const shrink = 0.5 * Math.log(c2 / (t + c2));
  if (!(sum > 0)) return shrink;
  const spread = (t + c2) * squares;
  return shrink + (t / 2) * (Math.log(spread) - Math.log(spread - sum * sum));
}
