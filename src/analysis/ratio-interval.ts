import type { Interval } from './interval.ts';
import { logAddExp } from './mixture.ts';
import type { TwoSampleBatch } from './two-sample.ts';

/** Grid of ratios with a log-normal prior around 1. */
export interface RatioGrid {
  readonly lo: number;
  readonly hi: number;
  readonly K: number;
  readonly sd: number;
}

export const defaultRatioGrid: RatioGrid = { lo: 1 / 32, hi: 64, K: 89, sd: 1.5 };

/** Log likelihood S of each ratio of the grid. Plain JSON. */
export interface RatioState {
  readonly score: readonly number[];
}

export function startRatio({ K }: RatioGrid = defaultRatioGrid): RatioState {
  return { score: Array.from({ length: K }, () => 0) };
}

/** S_ρ += x·ln ρ − (x+y)·ln(u·ρ+v); a batch with an empty arm says nothing. */
export function observeRatio(
  state: RatioState,
  { n, x, m, y }: TwoSampleBatch,
  grid: RatioGrid = defaultRatioGrid,
): RatioState {
  if (n === 0 || m === 0) return state;
  const ratios = ratiosOf(grid);
  const gain = (ratio: number) => x * Math.log(ratio) - (x + y) * Math.log((n * ratio + m) / (n + m));
  return { score: state.score.map((held, k) => held + gain(ratios[k] ?? 1)) };
}

/** From the least to the greatest ratio that is possible at `1 − alpha`, valid at every moment; null when none is. */
export function ratioInterval(
  { score }: RatioState,
  alpha: number,
  grid: RatioGrid = defaultRatioGrid,
): Interval | null {
  const ratios = ratiosOf(grid);
  const prior = ratios.map((ratio) => -0.5 * (Math.log(ratio) / grid.sd) ** 2);
  const mixed = logSum(score.map((s, k) => s + (prior[k] ?? 0))) - logSum(prior);
  const possible = ratios.filter((_, k) => mixed - (score[k] ?? 0) < -Math.log(alpha));
  const [first, last] = [possible[0], possible.at(-1)];
  return first === undefined || last === undefined ? null : [first, last];
}

function logSum(logs: readonly number[]): number {
  return logs.reduce((a, b) => logAddExp(a, b), Number.NEGATIVE_INFINITY);
}

function ratiosOf({ lo, hi, K }: RatioGrid): readonly number[] {
  return Array.from({ length: K }, (_, k) => lo * (hi / lo) ** (k / (K - 1)));
}
