import { type AnalysisSettings, defaultAnalysisSettings as usual } from '../analysis/settings.ts';
import type { TrafficLimits } from '../base/route-table.ts';
import type { Cursor } from './cursor.ts';

export function fillAnalysis(
  at: Cursor,
  more: Pick<AnalysisSettings, 'affinity' | 'triggers'>,
): AnalysisSettings {
  const [margin, guards] = [at.key('safetyMargin'), at.key('guards')];
  return {
    alpha: at.key('alpha').number(usual.alpha),
    beta: at.key('beta').number(usual.beta),
    warmupMs: at.key('warmup', 'warmupMs').durationMs('60s'),
    blockMs: at.key('block', 'blockMs').durationMs('5s'),
    horizonBlocks: at.key('horizonBlocks').number(usual.horizonBlocks),
    weights: fillWeights(at.key('weights')),
    harmTolerance: at.key('harmTolerance').number(usual.harmTolerance),
    safetyTolerance: at.key('safetyTolerance').number(usual.safetyTolerance),
    safetyMargin: {
      ratio: margin.key('ratio').number(usual.safetyMargin.ratio),
      absolute: margin.key('absolute').fraction(usual.safetyMargin.absolute),
    },
    promoteHarmLimit: at.key('promoteHarmLimit').number(usual.promoteHarmLimit),
    guards: {
      errorRatio: guards.key('errorRatio').number(usual.guards.errorRatio),
      errorAbsolute: guards.key('errorAbsolute').fraction(usual.guards.errorAbsolute),
      minBad: guards.key('minBad').number(usual.guards.minBad),
      latencyMinBeyond: guards.key('latencyMinBeyond').number(usual.guards.latencyMinBeyond),
      latencyMinMs: guards.key('latencyMin', 'latencyMinMs').durationMs('5ms'),
    },
    metrics: at.key('saturation').flag(true) ? usual.metrics : [],
    requireLatency: at.key('requireLatency').flag(usual.requireLatency),
    ...more,
  };
}

function fillWeights(at: Cursor): AnalysisSettings['weights'] {
  const weights = {
    errors: at.key('errors').number(usual.weights.errors),
    latency: at.key('latency').number(usual.weights.latency),
    others: at.key('others').number(usual.weights.others),
  };
  const sum = weights.errors + weights.latency + weights.others;
  if (Math.abs(sum - 1) > 1e-9) {
    at.complain(
      'config-value',
      `The weights sum to ${Number(sum.toFixed(6))}.`,
      'Let errors, latency and others together be 1.',
    );
  }
  return weights;
}

/** A trigger of the environment, else of the project, else the usual one; null where it is switched off. */
export function fillTrigger(
  places: readonly Cursor[],
  usually: number,
  read: (at: Cursor, otherwise: number) => number,
): number | null {
  const at = places.find((place) => place.present);
  if (!at) return usually;
  return at.isOff ? null : read(at, usually);
}

export function fillLimits(at: Cursor): TrafficLimits {
  return {
    headBytes: at.key('headBytes').number(16_384),
    bodyBytes: at.key('bodyBytes').number(0),
    clientHeadMs: at.key('clientHead', 'clientHeadMs').durationMs('15s'),
    upstreamHeadMs: at.key('upstreamHead', 'upstreamHeadMs').durationMs('30s'),
    idleMs: at.key('idle', 'idleMs').durationMs('60s'),
    pauseMs: at.key('pause', 'pauseMs').durationMs('10s'),
    pausedRequests: at.key('pausedRequests').number(1000),
  };
}
