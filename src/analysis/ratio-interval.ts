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

const defaultRatioGrid: RatioGrid = { lo: 1 / 32, hi: 64, K: 89, sd: 1.5 };

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
  const { ratios, logs } = pointsOf(grid);
  const gain = (k: number) => x * (logs[k] ?? 0) - (x + y) * Math.log((n * (ratios[k] ?? 1) + m) / (n + m));
  return { score: state.score.map((held, k) => held + gain(k)) };
}

/** From the least to the greatest ratio that is possible at `1 − alpha`, valid at every moment; null when none is. */
export function ratioInterval(
  { score }: RatioState,
  alpha: number,
  grid: RatioGrid = defaultRatioGrid,
): Interval | null {
  const { ratios, logs } = pointsOf(grid);
  const prior = logs.map((log) => -0.5 * (log / grid.sd) ** 2);
  const mixed = logSum(score.map((s, k) => s + (prior[k] ?? 0))) - logSum(prior);
  const possible = ratios.filter((_, k) => mixed - (score[k] ?? 0) < -Math.log(alpha));
  const [first, last] = [possible[0], possible.at(-1)];
  return first === undefined || last === undefined ? null : [first, last];
}

function logSum(logs: readonly number[]): number {
  return logs.reduce((a, b) => logAddExp(a, b), Number.NEGATIVE_INFINITY);
}

interface Points {
  readonly ratios: readonly number[];
  /** Natural logarithms of the ratios. */
  readonly logs: readonly number[];
}

const known = new WeakMap<RatioGrid, Points>();

/** A grid is made once: each batch of each rollout asks for it. */
function pointsOf(grid: RatioGrid): Points {
  const found = known.get(grid);
  if (found !== undefined) return found;
  const { lo, hi, K } = grid;
  const ratios = Array.from({ length: K }, (_, k) => lo * (hi / lo) ** (k / (K - 1)));
  const points = { ratios, logs: ratios.map(Math.log) };
  known.set(grid, points);
  return points;
}
