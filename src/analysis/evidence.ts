import type { SparseHistogram } from '../base/counts.ts';
import { latencyEdgesMs } from '../base/latency-buckets.ts';
import type { AnalysisState, LatencyMetric } from './analysis-state.ts';
import { binaryLogE } from './binary-process.ts';
import { combineLogE } from './combine.ts';
import type { HarmEvidence, SafetyEvidence } from './decide.ts';
import { quantileEdge } from './histogram.ts';
import { type MatchedCounts, stableRate } from './matched-counts.ts';
import { closed } from './matched-latency.ts';
import { type MetricState, metricLevel, metricLogE } from './metric-process.ts';
import { rateLogE } from './rate-process.ts';
import type { AnalysisGuards, AnalysisSettings } from './settings.ts';
import { sliceLogE } from './slice-process.ts';

/**
 * Candidate requests in a row without one of stable, after which nothing serves beside the candidate: with a holdback of
 * 5 % chance does that in 1 of 28,000 cases.
 */
const aloneAfter = 200;

/** Evidence of harm by each metric, with weights that sum to at most one. */
export function harmEvidence(state: AnalysisState, settings: AnalysisSettings): readonly HarmEvidence[] {
  const { weights, guards } = settings;
  const errors = {
    name: 'errors',
    weight: weights.errors,
    logE: errorsLogE(state),
    guardHolds: errorGuard(state.errors.since, guards),
  };
  const latency = state.latency.map((metric) => ({
    name: `latency p${Math.round(metric.u * 100)}`,
    weight: weights.latency / state.latency.length,
    logE: binaryLogE(metric.process, 'harm'),
    guardHolds: latencyGuard(metric, guards),
  }));
  const others = otherEvidence(state, settings);
  const metrics = state.metrics.map((metric) => metricEvidence(metric, guards));
  // The limits keep most of their weight, so that more measurements do not make them slow.
  const part = metrics.length === 0 ? 0 : weights.others / 4;
  const shared = others.map((one) => ({ ...one, weight: (weights.others - part) / others.length }));
  const measured = metrics.map((one) => ({ ...one, weight: part / metrics.length }));
  return [errors, ...latency, ...shared, ...measured];
}

/** Evidence of safety by the metrics that a promotion requires. */
export function safetyEvidence(
  { safety, metrics }: AnalysisState,
  settings: AnalysisSettings,
): readonly SafetyEvidence[] {
  const errors = { name: 'errors', logE: binaryLogE(safety.errors, 'safe') };
  const required = metrics
    .filter(({ test }) => test.required)
    .map((metric) => ({ name: metric.test.name, logE: metricLogE(metric, 'safe') }));
  if (!settings.requireLatency) return [errors, ...required];
  const weight = 1 / safety.latency.length;
  const parts = safety.latency.map(({ process }) => ({ logE: binaryLogE(process, 'safe'), weight }));
  return [errors, { name: 'latency', logE: combineLogE(parts) }, ...required];
}

/** Of slices where routing is sticky and slots can be told apart, of single requests otherwise. */
export function errorsLogE({
  slices,
  errors,
}: Pick<AnalysisState, 'slices'> & { readonly errors: Pick<AnalysisState['errors'], 'process'> }): number {
  return slices?.mode === 'slices' ? sliceLogE(slices.process) : binaryLogE(errors.process, 'harm');
}

function otherEvidence(
  state: AnalysisState,
  { triggers, guards }: AnalysisSettings,
): readonly Omit<HarmEvidence, 'weight'>[] {
  const { clientErrors, errorLimit, latencyLimit } = state;
  const limit = triggers.errorRate;
  const clients = {
    name: 'client errors',
    logE: rateLogE(clientErrors.process),
    guardHolds: errorGuard(clientErrors.since, guards),
  };
  const rate = {
    name: 'error rate limit',
    logE: limitLogE(state),
    // While stable exceeds the limit as well, the candidate is not to blame.
    guardHolds: errorLimit.since.x >= guards.minBad && (stableRate(errorLimit.since) ?? 0) <= (limit ?? 1),
  };
  const slow = {
    name: 'latency limit',
    logE: binaryLogE(latencyLimit.process, 'harm'),
    guardHolds: latencyGuard(latencyLimit, guards),
  };
  return [clients, ...(limit === null ? [] : [rate]), ...(triggers.latencyFactor === null ? [] : [slow])];
}

/** A level that differs, but by less than matters anywhere else, is no harm. */
function metricEvidence(metric: MetricState, { errorRatio }: AnalysisGuards): Omit<HarmEvidence, 'weight'> {
  const [candidate, stable] = [metricLevel(metric, 'candidate') ?? 0, metricLevel(metric, 'stable') ?? 0];
  const [bad, good] = metric.test.direction === 'more-is-bad' ? [candidate, stable] : [stable, candidate];
  return { name: metric.test.name, logE: metricLogE(metric, 'harm'), guardHolds: bad > errorRatio * good };
}

/**
 * "Above the limit" counts no more than "worse than stable" does: what hits both arms at once lifts a candidate above the
 * limit that is exactly like stable, and only the comparison of what was served at the same time holds through it. Where
 * nothing serves beside the candidate, the limit judges alone.
 */
function limitLogE(state: AnalysisState): number {
  const logE = binaryLogE(state.errorLimit.process, 'harm');
  const { n, m } = state.errors.process.carried;
  return m === 0 && n >= aloneAfter ? logE : Math.min(logE, errorsLogE(state));
}

/** Large enough to matter: x/n ≥ ratio · stable's rate + absolute, and not by one unlucky request. */
export function errorGuard(since: MatchedCounts, guards: AnalysisGuards): boolean {
  if (since.n === 0 || since.x < guards.minBad) return false;
  return since.x / since.n >= guards.errorRatio * (stableRate(since) ?? 0) + guards.errorAbsolute;
}

function latencyGuard({ u, since, seen }: LatencyMetric, guards: AnalysisGuards): boolean {
  if (since.x < guards.latencyMinBeyond) return false;
  const matched = closed(seen);
  const [candidate, stable] = [edgeMs(matched.candidate, u), edgeMs(matched.stable, u)];
  return candidate !== null && stable !== null && candidate - stable >= guards.latencyMinMs;
}

function edgeMs(histogram: SparseHistogram, u: number): number | null {
  const edge = quantileEdge(histogram, u);
  return edge === null ? null : (latencyEdgesMs[edge] ?? 2 * (latencyEdgesMs.at(-1) ?? 0));
}
