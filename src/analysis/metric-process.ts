import { emptyGauge, type GaugeState, gaugeLogE, observeGauge } from './gauge-process.ts';
import type { OnsetPrior } from './onset.ts';
import { observeRate, type RateState, rateLogE, startRate } from './rate-process.ts';

/** How one quantity that is measured beside the requests is judged. */
export interface MetricTest {
  readonly name: string;
  /** `mean`: a level of each interval. `rate`: a count of each interval, against the arm's requests. */
  readonly kind: 'mean' | 'rate';
  readonly direction: 'more-is-bad' | 'fewer-is-bad';
  /** Harm is what is worse than stable by more than this factor and, for means, by more than this amount. */
  readonly ratio: number;
  readonly absolute: number;
  /** A step is not promoted without evidence that it is safe. */
  readonly required: boolean;
  /** Not looked at while the candidate warms up. */
  readonly afterWarmup: boolean;
}

/** What one asking came to. Counts are whole; `exposure` is requests of each arm in the same time. */
export type MetricReading =
  | { readonly name: string; readonly kind: 'mean'; readonly candidate: number; readonly stable: number }
  | {
      readonly name: string;
      readonly kind: 'rate';
      readonly candidate: number;
      readonly stable: number;
      readonly exposure: { readonly candidate: number; readonly stable: number };
    }
  /** Late, nonsense or no answer: never counts as good. */
  | { readonly name: string; readonly kind: 'unknown'; readonly problem: string };

/** The four questions that are asked of one quantity. */
interface Questions<Process> {
  /** Worse by more than the test's margin. */
  readonly harm: Process;
  /** Worse by less than the safety margin; begins anew at each `analyze` step. */
  readonly safe: Process;
  /** Worse and better than stable at all. */
  readonly worse: Process;
  readonly better: Process;
}

/** All that is known of one quantity. Plain JSON. */
export interface MetricState {
  readonly test: MetricTest;
  readonly means: Questions<GaugeState>;
  readonly rates: Questions<RateState>;
  /** Block of the last reading: a test of rates is told where a block begins. */
  readonly block: number | null;
  readonly readings: number;
  /** Sums over the readings, for the eye: values, and what they are shared by. */
  readonly sums: { readonly candidate: Sum; readonly stable: Sum };
  /** Why the last asking came to nothing; null when it did not. */
  readonly problem: string | null;
}

interface Sum {
  readonly value: number;
  readonly over: number;
}

export function startMetric(test: MetricTest): MetricState {
  return {
    test,
    means: { harm: emptyGauge, safe: emptyGauge, worse: emptyGauge, better: emptyGauge },
    rates: { harm: startRate(), safe: startRate(), worse: startRate(), better: startRate() },
    block: null,
    readings: 0,
    sums: { candidate: { value: 0, over: 0 }, stable: { value: 0, over: 0 } },
    problem: null,
  };
}

/** Takes one reading in. What cannot be true is remembered as a problem and concludes nothing. */
export function observeMetric(
  state: MetricState,
  reading: MetricReading,
  at: { readonly block: number; readonly onset: OnsetPrior; readonly safetyRatio: number },
): MetricState {
  const problem = readingProblem(state.test, reading);
  if (problem !== null || reading.kind === 'unknown') return { ...state, problem };
  const next = { ...state, readings: state.readings + 1, block: at.block, problem: null };
  if (reading.kind === 'mean') {
    return {
      ...next,
      means: observeMeans(state, reading, at.safetyRatio),
      sums: {
        candidate: plus(state.sums.candidate, reading.candidate, 1),
        stable: plus(state.sums.stable, reading.stable, 1),
      },
    };
  }
  const { candidate, stable, exposure } = reading;
  return {
    ...next,
    rates: observeRates(state, reading, at),
    sums: {
      candidate: plus(state.sums.candidate, candidate, exposure.candidate),
      stable: plus(state.sums.stable, stable, exposure.stable),
    },
  };
}

/** The test of safety begins anew; the evidence of harm goes on. */
export function restartMetricSafety(state: MetricState): MetricState {
  return {
    ...state,
    means: { ...state.means, safe: emptyGauge },
    rates: { ...state.rates, safe: startRate() },
  };
}

/** ln E of one of the questions. */
export function metricLogE({ test, means, rates }: MetricState, question: keyof Questions<unknown>): number {
  return test.kind === 'mean' ? gaugeLogE(means[question]) : rateLogE(rates[question]);
}

/** Mean level of an arm, or its count for each request; null before the first reading. */
export function metricLevel({ sums }: MetricState, arm: 'candidate' | 'stable'): number | null {
  const { value, over } = sums[arm];
  return over === 0 ? null : value / over;
}

/** Which arm is better at level `alpha`, both ways together; null while equality is not excluded. */
export function metricWinner(state: MetricState, alpha: number): 'candidate' | 'stable' | null {
  const threshold = -Math.log(alpha / 2);
  if (metricLogE(state, 'better') >= threshold) return 'candidate';
  return metricLogE(state, 'worse') >= threshold ? 'stable' : null;
}

/** Where fewer is bad the arms change places: stable above the candidate is then what candidate above stable is else. */
function observeMeans(
  { test, means }: MetricState,
  { candidate, stable }: { readonly candidate: number; readonly stable: number },
  safetyRatio: number,
): Questions<GaugeState> {
  const [bad, good] = test.direction === 'more-is-bad' ? [candidate, stable] : [stable, candidate];
  const margin = Math.max(safetyRatio, test.ratio);
  const above = (held: GaugeState, high: number, low: number, d: number) =>
    observeGauge(held, { candidate: high, stable: low }, { r: 1, d });
  return {
    harm: above(means.harm, bad, test.ratio * good, test.absolute),
    safe: above(means.safe, margin * good, bad, -test.absolute),
    worse: above(means.worse, bad, good, 0),
    better: above(means.better, good, bad, 0),
  };
}

function observeRates(
  { test, rates, block: last }: MetricState,
  { candidate: x, stable: y, exposure }: Extract<MetricReading, { kind: 'rate' }>,
  {
    block,
    onset,
    safetyRatio,
  }: { readonly block: number; readonly onset: OnsetPrior; readonly safetyRatio: number },
): Questions<RateState> {
  const [worse, better] =
    test.direction === 'more-is-bad' ? (['up', 'down'] as const) : (['down', 'up'] as const);
  const margin = Math.max(safetyRatio, test.ratio);
  const counts = { x, u: exposure.candidate, y, v: exposure.stable };
  const observe = (held: RateState, direction: 'up' | 'down', ratio: number) => {
    const r = worse === 'up' ? ratio : 1 / ratio;
    return observeRate(held, counts, last === null || block > last, { r, direction, onset });
  };
  return {
    harm: observe(rates.harm, worse, test.ratio),
    safe: observe(rates.safe, better, margin),
    worse: observe(rates.worse, worse, 1),
    better: observe(rates.better, better, 1),
  };
}

function readingProblem(test: MetricTest, reading: MetricReading): string | null {
  if (reading.kind === 'unknown') return reading.problem;
  if (reading.kind !== test.kind) return `a ${reading.kind} was measured where a ${test.kind} is tested`;
  const { candidate, stable } = reading;
  if (!Number.isFinite(candidate) || !Number.isFinite(stable))
    return `${candidate} and ${stable} are not levels`;
  const counts = reading.kind === 'rate' ? [candidate, stable, ...Object.values(reading.exposure)] : [];
  return counts.every((count) => Number.isSafeInteger(count) && count >= 0)
    ? null
    : `${candidate} and ${stable} are not counts`;
}

function plus({ value, over }: Sum, more: number, weight: number): Sum {
  return { value: value + more, over: over + weight };
}
