import type { AnalysisState } from './analysis-state.ts';
import type { ArmBatch, Batch } from './batch.ts';
import { batchProblem } from './batch-problem.ts';
import { type BinaryState, binaryLogE, observeBinary } from './binary-process.ts';
import { dispersion } from './dispersion.ts';
import { errorsLogE } from './evidence.ts';
import { learnNoise, observeLatencies } from './latency-metrics.ts';
import { addMatched, sinceZero } from './matched-counts.ts';
import { type MetricState, observeMetric as observeQuantity } from './metric-process.ts';
import { defaultOnset, type OnsetPrior } from './onset.ts';
import { observeRate, rateLogE } from './rate-process.ts';
import { observeRatio } from './ratio-interval.ts';
import type { AnalysisSettings } from './settings.ts';
import { observeSlots } from './slot-slices.ts';
import { trainAnalysis } from './train.ts';
import type { TwoSampleBatch } from './two-sample.ts';

export { type AnalysisState, restartSafety, startAnalysis } from './analysis-state.ts';
export { trainAnalysis } from './train.ts';
export { absoluteVerdict, type Verdict, verdictKindOf, verdictOf } from './verdict.ts';

/** What every process needs to know about a batch. */
interface Moment {
  readonly counts: TwoSampleBatch;
  readonly begins: boolean;
  readonly beginsSafety: boolean;
  readonly warm: boolean;
  readonly phi: number;
  readonly onset: OnsetPrior;
}

const historyBlocks = 60;

/**
 * Takes one batch in. A batch has to close on a fixed tick, never because of what is in it. Replaying the same batches
 * gives the same state, bit for bit. Batches before the first candidate request only teach what stable is like. A batch that cannot be true makes the verdict an error.
 */
export function observeBatch(state: AnalysisState, batch: Batch, settings: AnalysisSettings): AnalysisState {
  const problem = state.problem ?? batchProblem(batch);
  if (problem !== null) return { ...state, problem };
  // Stable requests before the candidate's first one teach; routing is random, so that choice says nothing about either.
  if (state.totals.n + batch.candidate.requests === 0) {
    return trainAnalysis({ ...state, ...learnNoise(state, batch, settings) }, batch.stable);
  }
  const startedAt = state.startedAt ?? batch.atMs;
  // A clock that jumps back begins no block twice.
  const block = Math.max(state.block ?? 0, Math.floor((batch.atMs - startedAt) / settings.blockMs));
  const moment: Moment = {
    counts: countsOf(batch.candidate, batch.stable),
    begins: state.block === null || block > state.block,
    beginsSafety: state.safetyBlock === null || block > state.safetyBlock,
    warm: batch.atMs - startedAt < settings.warmupMs,
    phi: settings.affinity === 'sticky' ? dispersion(state.history) : 1,
    onset: { ...defaultOnset, horizon: settings.horizonBlocks },
  };
  const { safety: safeLatency, ...latencies } = observeLatencies(state, batch, moment, settings);
  return {
    ...observeErrors(state, batch, moment, settings),
    ...latencies,
    startedAt,
    block,
    safetyBlock: block,
    totals: addMatched(state.totals, moment.counts, moment.begins),
    clientErrors: observeClientErrors(state.clientErrors, batch, moment),
    safety: { ...observeSafety(state, moment, settings), latency: safeLatency },
    ratio: observeRatio(state.ratio, moment.counts),
    shadow: observeShadow(state.shadow, batch, moment),
    history: remember(state.history, moment),
    metrics: observeMetrics(state.metrics, batch, { ...moment, block }, settings),
    problem: null,
  };
}

/** Errors by request, by slot, at greater ratios, and against the absolute limit. */
function observeErrors(
  state: AnalysisState,
  { slots = [] }: Batch,
  moment: Moment,
  settings: AnalysisSettings,
): AnalysisState {
  const { counts, begins, phi, onset } = moment;
  const observe = (held: BinaryState, r: number, d = 0) =>
    observeBinary(held, counts, begins, { r, d, direction: 'harm', phi, onset });
  const slices = state.slices && observeSlots(state.slices, slots, moment);
  const process = observe(state.errors.process, 1);
  const logE = errorsLogE({ slices, errors: { process } });
  const limit = settings.triggers.errorRate;
  return {
    ...state,
    slices,
    errors: { process, since: sinceZero(logE, state.errors.since, moment) },
    worse: state.worse.map(({ ratio, process: held }) => ({ ratio, process: observe(held, ratio) })),
    errorLimit:
      limit === null ? state.errorLimit : observeLimit(state, moment, (held) => observe(held, 0, limit)),
  };
}

function observeLimit(
  { errorLimit }: AnalysisState,
  moment: Moment,
  observe: (held: BinaryState) => BinaryState,
): AnalysisState['errorLimit'] {
  const process = observe(errorLimit.process);
  return { process, since: sinceZero(binaryLogE(process, 'harm'), errorLimit.since, moment) };
}

function observeClientErrors(
  { process: held, since }: AnalysisState['clientErrors'],
  { candidate, stable }: Batch,
  { begins, onset }: Moment,
): AnalysisState['clientErrors'] {
  const [x, u, y, v] = [candidate.clientErrors, candidate.requests, stable.clientErrors, stable.requests];
  const process = observeRate(held, { x, u, y, v }, begins, { r: 1, direction: 'up', onset });
  const counts = { n: u, x, m: v, y };
  return { process, since: sinceZero(rateLogE(process), since, { counts, begins }) };
}

function observeSafety(
  { safety }: AnalysisState,
  { counts, beginsSafety, phi, onset }: Moment,
  settings: AnalysisSettings,
): Pick<AnalysisState['safety'], 'errors' | 'requests'> {
  const { ratio: r, absolute: d } = settings.safetyMargin;
  return {
    errors: observeBinary(safety.errors, counts, beginsSafety, { r, d, direction: 'safe', phi, onset }),
    requests: safety.requests + counts.n,
  };
}

/** Even stable instances against odd ones and the other way round: equal ones never differ. */
function observeShadow(
  shadow: readonly BinaryState[],
  { stableInstances = [] }: Batch,
  { begins, phi, onset }: Moment,
): readonly BinaryState[] {
  if (stableInstances.length < 2) return shadow;
  const half = (parity: number) => sumArms(stableInstances.filter((_, i) => i % 2 === parity));
  const pairs = [
    [half(0), half(1)],
    [half(1), half(0)],
  ] as const;
  return shadow.map((held, i) => {
    const [a, b] = pairs[i] ?? pairs[0];
    const counts = { n: a.requests, x: a.bad, m: b.requests, y: b.bad };
    return observeBinary(held, counts, begins, { r: 1, d: 0, direction: 'harm', phi, onset });
  });
}

/** Readings of quantities that the settings do not know say nothing. */
function observeMetrics(
  held: readonly MetricState[],
  { metrics = [] }: Batch,
  { warm, block, onset }: Moment & { readonly block: number },
  { safetyMargin }: AnalysisSettings,
): readonly MetricState[] {
  return metrics.reduce(
    (states, reading) =>
      states.map((state) =>
        state.test.name !== reading.name || (warm && state.test.afterWarmup)
          ? state
          : observeQuantity(state, reading, { block, onset, safetyRatio: safetyMargin.ratio }),
      ),
    held,
  );
}

function remember(history: AnalysisState['history'], { counts, begins }: Moment): AnalysisState['history'] {
  const { m, y } = counts;
  if (begins) return [...history, { m, y }].slice(-historyBlocks);
  const last = history.at(-1) ?? { m: 0, y: 0 };
  return history.length === 0 ? [{ m, y }] : history.with(-1, { m: last.m + m, y: last.y + y });
}

function countsOf(candidate: ArmBatch, stable: ArmBatch): TwoSampleBatch {
  return { n: candidate.requests, x: candidate.bad, m: stable.requests, y: stable.bad };
}

function sumArms(arms: readonly ArmBatch[]): { readonly requests: number; readonly bad: number } {
  return arms.reduce(
    (sum, { requests, bad }) => ({ requests: sum.requests + requests, bad: sum.bad + bad }),
    { requests: 0, bad: 0 },
  );
}
