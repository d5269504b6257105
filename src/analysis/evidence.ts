import { latencyEdgesMs } from '../base/latency-buckets.ts';
import type { AnalysisState, LatencyMetric } from './analysis-state.ts';
import { binaryLogE } from './binary-process.ts';
import { combineLogE } from './combine.ts';
import type { HarmEvidence, SafetyEvidence } from './decide.ts';
import { quantileEdge } from './histogram.ts';
import { rateLogE } from './rate-process.ts';
import type { AnalysisGuards, AnalysisSettings } from './settings.ts';
import { sliceLogE } from './slice-process.ts';
import type { TwoSampleBatch } from './two-sample.ts';

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
  const shared = others.map((part) => ({ ...part, weight: weights.others / others.length }));
  return [errors, ...latency, ...shared];
}

/** Evidence of safety by the metrics that a promotion requires. */
export function safetyEvidence(
  { safety }: AnalysisState,
  settings: AnalysisSettings,
): readonly SafetyEvidence[] {
  const errors = { name: 'errors', logE: binaryLogE(safety.errors, 'safe') };
  if (!settings.requireLatency) return [errors];
  const weight = 1 / safety.latency.length;
  const parts = safety.latency.map(({ process }) => ({ logE: binaryLogE(process, 'safe'), weight }));
  return [errors, { name: 'latency', logE: combineLogE(parts) }];
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
  const { x, m, y } = errorLimit.since;
  const limit = triggers.errorRate;
  const clients = {
    name: 'client errors',
    logE: rateLogE(clientErrors.process),
    guardHolds: errorGuard(clientErrors.since, guards),
  };
  const rate = {
    name: 'error rate limit',
    logE: binaryLogE(errorLimit.process, 'harm'),
    // While stable exceeds the limit as well, the candidate is not to blame.
    guardHolds: x >= guards.minBad && (m === 0 || y / m <= (limit ?? 1)),
  };
  const slow = {
    name: 'latency limit',
    logE: binaryLogE(latencyLimit.process, 'harm'),
    guardHolds: latencyGuard(latencyLimit, guards),
  };
  return [clients, ...(limit === null ? [] : [rate]), ...(triggers.latencyFactor === null ? [] : [slow])];
}

/** Large enough to matter: x/n ≥ ratio·y/m + absolute, and not by one unlucky request. */
function errorGuard({ n, x, m, y }: TwoSampleBatch, guards: AnalysisGuards): boolean {
  if (n === 0 || x < guards.minBad) return false;
  return x / n >= guards.errorRatio * (m === 0 ? 0 : y / m) + guards.errorAbsolute;
}

function latencyGuard({ u, since, seen }: LatencyMetric, guards: AnalysisGuards): boolean {
  if (since.x < guards.latencyMinBeyond) return false;
  const [candidate, stable] = [edgeMs(seen.candidate, u), edgeMs(seen.stable, u)];
  return candidate !== null && stable !== null && candidate - stable >= guards.latencyMinMs;
}

function edgeMs(histogram: LatencyMetric['seen']['stable'], u: number): number | null {
  const edge = quantileEdge(histogram, u);
  return edge === null ? null : (latencyEdgesMs[edge] ?? 2 * (latencyEdgesMs.at(-1) ?? 0));
}
