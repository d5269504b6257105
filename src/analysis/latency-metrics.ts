import { latencyEdgesMs } from '../base/latency-buckets.ts';
import { type AnalysisState, type LatencyMetric, quantiles } from './analysis-state.ts';
import type { Batch } from './batch.ts';
import { addBatches, binaryLogE, type Direction, emptyBatch } from './binary-process.ts';
import { countOf, nearestEdge } from './histogram.ts';
import { isCrowded, observeFlow, requestsPerBlock } from './instance-flow.ts';
import { noiseDivisor, observeNoise } from './latency-noise.ts';
import { observeLatency, trainLatency } from './latency-process.ts';
import { addLatencies, noLatencies } from './matched-latency.ts';
import type { OnsetPrior } from './onset.ts';
import type { AnalysisSettings } from './settings.ts';

/** What a test of latency has to know about a batch. */
interface LatencyMoment {
  readonly begins: boolean;
  readonly beginsSafety: boolean;
  readonly warm: boolean;
  readonly onset: OnsetPrior;
}

/**
 * One block makes latency at most ten times as suspicious: a pause or a neighbour slows hundreds of requests of one instance
 * at once, which is one event, and a slow release is slow in the next block as well.
 */
const growthLimit = Math.log(10);

/** All tests of latency. `noise` is learnt from stable whether or not the candidate is looked at. */
export function observeLatencies(
  state: AnalysisState,
  batch: Batch,
  moment: LatencyMoment,
  settings: AnalysisSettings,
): Pick<AnalysisState, 'latency' | 'latencyLimit' | 'noise' | 'flow'> & {
  readonly safety: AnalysisState['safety']['latency'];
} {
  const known = learnNoise(state, batch, settings);
  // Beside instances with less load a release is somewhat slower, but not twice as slow; and one that is not is safe.
  const unseen = moment.warm || (batch.candidateInstances !== undefined && isCrowded(known.flow));
  const factor = settings.triggers.latencyFactor;
  const observe = (
    metric: LatencyMetric,
    tolerance: number,
    { direction = 'harm', ...test }: { readonly direction?: Direction; readonly warm: boolean },
  ) => {
    const noise = known.noise[quantiles.indexOf(metric.u)];
    const phi = noise === undefined ? 1 : noiseDivisor(noise, requestsPerBlock(known.flow.candidate));
    const begins = direction === 'harm' ? moment.begins : moment.beginsSafety;
    return observeMetric(metric, batch, { ...moment, ...test, begins, direction, tolerance, phi });
  };
  return {
    ...known,
    latency: state.latency.map((metric) => observe(metric, settings.harmTolerance, { warm: unseen })),
    latencyLimit: factor === null ? state.latencyLimit : observe(state.latencyLimit, factor, moment),
    safety: state.safety.latency.map((metric) =>
      observe(metric, settings.safetyTolerance, { direction: 'safe', warm: moment.warm }),
    ),
  };
}

/** What the batch says about the noise of instances, and how much of it the candidate meets. */
export function learnNoise(
  state: AnalysisState,
  { atMs, candidate, stable, stableInstances = [stable], candidateInstances = 1 }: Batch,
  { blockMs }: Pick<AnalysisSettings, 'blockMs'>,
): Pick<AnalysisState, 'noise' | 'flow'> {
  const block = Math.floor(atMs / blockMs);
  const requests = { candidate: countOf(candidate.latency), stable: countOf(stable.latency) };
  const serving = stableInstances.filter(({ latency }) => latency.length > 0).length;
  const instances = stableInstances.map(({ latency, ...one }, k) => ({
    instance: 'instance' in one && one.instance !== undefined ? one.instance : String(k),
    latency,
  }));
  return {
    flow: {
      candidate: observeFlow(state.flow.candidate, {
        block,
        requests: requests.candidate,
        instances: candidateInstances,
      }),
      stable: observeFlow(state.flow.stable, { block, requests: requests.stable, instances: serving }),
    },
    noise: state.noise.map((noise, k) => {
      const { past } = state.latency[k]?.process ?? { past: [] };
      if (countOf(past) === 0) return noise;
      const edge = nearestEdge(past, quantiles[k] ?? 0, latencyEdgesMs.length);
      return observeNoise(noise, instances, { block, edge });
    }),
  };
}

/**
 * While the candidate warms up, its latency is not looked at and stable's trains; so it is while all that the candidate
 * served came without one, because its instances are fresh: carried forward, stable's would be compared with later times.
 */
function observeMetric(
  metric: LatencyMetric,
  { candidate, stable }: Batch,
  test: {
    readonly begins: boolean;
    readonly warm: boolean;
    readonly onset: OnsetPrior;
    readonly direction: Direction;
    readonly tolerance: number;
    readonly phi: number;
  },
): LatencyMetric {
  const { direction, tolerance, onset, begins, warm, phi } = test;
  const unseen = candidate.requests > 0 && candidate.latency.length + candidate.abandoned.length === 0;
  if (warm || unseen) return { ...metric, process: trainLatency(metric.process, stable, begins) };
  const config = { u: metric.u, tolerance, direction, edges: latencyEdgesMs, onset, phi, growthLimit };
  const process = observeLatency(metric.process, { candidate, stable }, begins, config);
  const rose = binaryLogE(process, direction) > 0;
  const { since, seen } = metric;
  return {
    ...metric,
    process,
    since: rose ? addBatches(since, process.last) : emptyBatch,
    seen: rose
      ? addLatencies(seen, { candidate: candidate.latency, stable: stable.latency }, begins)
      : noLatencies,
  };
}
