import type { MetricTest } from './metric-process.ts';
import { saturationTests } from './saturation.ts';

/** How a candidate is compared with the stable version. Every number has a default; see the analysis page for why. */
export interface AnalysisSettings {
  /** Chance that an equal candidate is ever failed. Default 0.01. */
  readonly alpha: number;
  /** Chance that a candidate worse than the safety margin is ever called safe. Default 0.05. */
  readonly beta: number;
  /** Time after the first request of an instance, and of a restarted one, in which its latency is not judged, ms. Default 60 000. */
  readonly warmupMs: number;
  /** Length of a block of the onset prior, ms. Default 5 000. */
  readonly blockMs: number;
  /** Blocks over which the uniform part of the onset prior is spread. Default 360. */
  readonly horizonBlocks: number;
  /** Weights of the processes in the combined evidence; they sum to 1. */
  readonly weights: { readonly errors: number; readonly latency: number; readonly others: number };
  /** Odds ratio up to which a candidate is not harmful. Default 1.09. */
  readonly harmTolerance: number;
  /** Odds ratio that safety must exclude. Default 1.41. */
  readonly safetyTolerance: number;
  /** Rates that safety must exclude: stable × ratio + absolute. Default 1.5 and 0.005. */
  readonly safetyMargin: { readonly ratio: number; readonly absolute: number };
  /** Harm evidence above which a step is not promoted. Default 10. */
  readonly promoteHarmLimit: number;
  readonly guards: AnalysisGuards;
  /** Plain limits that need no proof; null switches one off. */
  readonly triggers: {
    /** Share of bad requests of the candidate. Default 0.05. */
    readonly errorRate: number | null;
    /** Candidate p95 as a multiple of stable's. Default 2. */
    readonly latencyFactor: number | null;
  };
  /** A step is not promoted without evidence about latency. Default false. */
  readonly requireLatency: boolean;
  readonly affinity: 'random' | 'sticky';
  /** Saturation and measurements from outside, beside the requests. Default: saturation. */
  readonly metrics: readonly MetricTest[];
}

/** Effects too small to act on, however sure they are. */
export interface AnalysisGuards {
  /** Candidate rate over stable rate. Default 1.1. */
  readonly errorRatio: number;
  /** Candidate rate minus stable rate. Default 0.0005. */
  readonly errorAbsolute: number;
  /** Bad requests of the candidate. Default 3. */
  readonly minBad: number;
  /** Candidate requests beyond stable's quantile. Default 3. */
  readonly latencyMinBeyond: number;
  /** Absolute change of the quantile, ms. Default 5. */
  readonly latencyMinMs: number;
}

export const defaultAnalysisSettings: AnalysisSettings = {
  alpha: 0.01,
  beta: 0.05,
  warmupMs: 60_000,
  blockMs: 5_000,
  horizonBlocks: 360,
  weights: { errors: 0.5, latency: 0.3, others: 0.2 },
  harmTolerance: 1.09,
  safetyTolerance: 1.41,
  safetyMargin: { ratio: 1.5, absolute: 0.005 },
  promoteHarmLimit: 10,
  guards: { errorRatio: 1.1, errorAbsolute: 0.0005, minBad: 3, latencyMinBeyond: 3, latencyMinMs: 5 },
  triggers: { errorRate: 0.05, latencyFactor: 2 },
  requireLatency: false,
  affinity: 'random',
  metrics: saturationTests,
};
