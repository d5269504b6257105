import type { AnalysisState, LatencyMetric } from './analysis-state.ts';
import type { ArmBatch } from './batch.ts';
import type { BinaryState } from './binary-process.ts';
import { trainLatency } from './latency-process.ts';

/**
 * Learns how stable behaves from requests before the candidate had any, or from recorded history. It is no evidence; it
 * makes later evidence grow faster, because the alternatives start from the right rate.
 */
export function trainAnalysis(state: AnalysisState, stable: ArmBatch): AnalysisState {
  const binary = (process: BinaryState): BinaryState => ({
    ...process,
    pastBad: process.pastBad + stable.bad,
    pastTotal: process.pastTotal + stable.requests,
  });
  const latency = (metric: LatencyMetric) => ({ ...metric, process: trainLatency(metric.process, stable) });
  return {
    ...state,
    errors: { ...state.errors, process: binary(state.errors.process) },
    worse: state.worse.map(({ ratio, process }) => ({ ratio, process: binary(process) })),
    latency: state.latency.map(latency),
    latencyLimit: latency(state.latencyLimit),
    safety: {
      ...state.safety,
      errors: binary(state.safety.errors),
      latency: state.safety.latency.map(latency),
    },
  };
}
