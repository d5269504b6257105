import { type BinaryState, emptyBatch, startBinary } from './binary-process.ts';
import { type Flows, noFlows } from './instance-flow.ts';
import { type LatencyNoise, startNoise } from './latency-noise.ts';
import { type LatencyState, startLatency } from './latency-process.ts';
import { type MatchedCounts, noCounts } from './matched-counts.ts';
import { type MatchedLatency, noLatencies } from './matched-latency.ts';
import { type MetricState, restartMetricSafety, startMetric } from './metric-process.ts';
import { type RateState, startRate } from './rate-process.ts';
import { type RatioState, startRatio } from './ratio-interval.ts';
import type { AnalysisSettings } from './settings.ts';
import { type SliceState, startSlices } from './slice-process.ts';
import type { TwoSampleBatch } from './two-sample.ts';

/** All that has been learnt about a candidate. Plain JSON: it can be kept, sent, and gone on with. */
export interface AnalysisState {
  readonly startedAt: number | null;
  /** Block of the last batch, since the start; null before the first one and, for safety, after a restart. */
  readonly block: number | null;
  readonly safetyBlock: number | null;
  readonly totals: MatchedCounts;
  readonly errors: Guarded<BinaryState>;
  /** The same comparison at greater ratios, for "worse by at least k ×". */
  readonly worse: readonly { readonly ratio: number; readonly process: BinaryState }[];
  readonly errorLimit: Guarded<BinaryState>;
  readonly clientErrors: Guarded<RateState>;
  readonly latency: readonly LatencyMetric[];
  readonly latencyLimit: LatencyMetric;
  /** Of stable's instances at each of the quantiles, and the requests of an instance of each arm. */
  readonly noise: readonly LatencyNoise[];
  readonly flow: Flows;
  /** Errors by slot; null where requests are routed at random, `waiting` until both arms have had requests. */
  readonly slices: { readonly mode: 'waiting' | 'slices' | 'requests'; readonly process: SliceState } | null;
  readonly safety: Safety;
  readonly ratio: RatioState;
  /** Stable instances against each other, both ways round. */
  readonly shadow: readonly BinaryState[];
  /** Bad and all stable requests of the last blocks, the newest last: what bursts look like. */
  readonly history: readonly { readonly m: number; readonly y: number }[];
  /** Saturation and measurements from outside, in the order of the settings. */
  readonly metrics: readonly MetricState[];
  /** Why the batches cannot be judged; null when they can. */
  readonly problem: string | null;
}

/** A process, and the counts since its ln E was last zero or less: the guard looks at these only. */
export interface Guarded<Process> {
  readonly process: Process;
  readonly since: MatchedCounts;
}

export interface LatencyMetric {
  /** Quantile, such as 0.95. */
  readonly u: number;
  readonly process: LatencyState;
  /** Requests, and those beyond the edge, since ln E was last zero or less; and their latencies. */
  readonly since: TwoSampleBatch;
  readonly seen: MatchedLatency;
}

export interface Safety {
  readonly errors: BinaryState;
  readonly latency: readonly LatencyMetric[];
  /** Candidate requests since the safety test began. */
  readonly requests: number;
}

export const quantiles: readonly number[] = [0.5, 0.9, 0.95, 0.99];
export const limitQuantile = 0.95;
const worseRatios: readonly number[] = [1.25, 1.5, 2, 3, 5];

/** Nothing learnt yet. */
export function startAnalysis(settings: AnalysisSettings): AnalysisState {
  return {
    startedAt: null,
    block: null,
    safetyBlock: null,
    totals: noCounts,
    errors: { process: startBinary('harm'), since: noCounts },
    worse: worseRatios.map((ratio) => ({ ratio, process: startBinary('harm') })),
    errorLimit: { process: startBinary('harm'), since: noCounts },
    clientErrors: { process: startRate(), since: noCounts },
    latency: quantiles.map((u) => latencyMetric(u, startLatency('harm'))),
    latencyLimit: latencyMetric(limitQuantile, startLatency('harm')),
    noise: quantiles.map(startNoise),
    flow: noFlows,
    slices: settings.affinity === 'sticky' ? { mode: 'waiting', process: startSlices() } : null,
    safety: {
      errors: startBinary('safe'),
      latency: quantiles.map((u) => latencyMetric(u, startLatency('safe'))),
      requests: 0,
    },
    ratio: startRatio(),
    shadow: [startBinary('harm'), startBinary('harm')],
    history: [],
    metrics: settings.metrics.map(startMetric),
    problem: null,
  };
}

/**
 * Begins the test of safety anew, at each `analyze` step; the evidence of harm goes on, because α is per rollout. What is
 * known about stable is kept.
 */
export function restartSafety(state: AnalysisState): AnalysisState {
  const { pastBad: bad, pastTotal: total } = state.safety.errors;
  const latency = state.safety.latency.map(({ u, process }) =>
    latencyMetric(u, startLatency('safe', process.past)),
  );
  return {
    ...state,
    safetyBlock: null,
    safety: { errors: startBinary('safe', { bad, total }), latency, requests: 0 },
    metrics: state.metrics.map(restartMetricSafety),
  };
}

function latencyMetric(u: number, process: LatencyState): LatencyMetric {
  return { u, process, since: emptyBatch, seen: noLatencies };
}
