import type { AnalysisState } from './analysis-state.ts';
import { bernoulliInterval } from './bernoulli-interval.ts';
import { binaryLogE } from './binary-process.ts';
import type { Decision, SafetyEvidence } from './decide.ts';
import { errorsLogE } from './evidence.ts';
import type { Interval } from './interval.ts';
import { stableRate } from './matched-counts.ts';
import { ratioInterval } from './ratio-interval.ts';
import type { AnalysisSettings } from './settings.ts';

/** Bad requests of an arm, with an interval that holds at every moment. */
export interface RateFigure {
  readonly requests: number;
  readonly bad: number;
  /** Level 1 − β. */
  readonly interval: Interval;
}

/** What a person is shown about a comparison. Logs are natural; plain JSON. */
export interface Figures {
  readonly compared: true;
  readonly candidate: RateFigure;
  readonly stable: RateFigure;
  /** Stable's bad rate as the candidate's requests are spread over time; null while stable had none. */
  readonly stableMatched: number | null;
  /** Candidate rate over stable rate, at level 1 − β; null when no ratio of the grid is possible. */
  readonly ratio: Interval | null;
  readonly harm: { readonly logE: number; readonly threshold: number; readonly errorsLogE: number };
  /** The weakest of the required metrics. */
  readonly safe: { readonly logE: number; readonly threshold: number };
  /** The candidate is worse by at least this factor, with the certainty of 1 − α; null while that is not shown. */
  readonly worseBy: number | null;
  /** Candidate requests until a verdict if evidence goes on growing as it does now; null when it does not grow. */
  readonly requestsToGo: number | null;
  readonly alpha: number;
}

/** What a person is shown where nothing ran beside the candidate. */
export interface AbsoluteFigures extends RateFigure {
  readonly compared: false;
  /** Allowed share of bad requests; null when there is no limit. */
  readonly limit: number | null;
  readonly logE: number;
  readonly threshold: number;
}

/** What a person is shown about copies of requests. */
export interface MirrorFigures {
  readonly candidate: RateFigure;
  readonly stable: RateFigure;
  readonly logE: number;
  readonly threshold: number;
  readonly alpha: number;
}

export function figuresOf(
  state: AnalysisState,
  { alpha, beta }: AnalysisSettings,
  { decision, safe }: { readonly decision: Decision; readonly safe: readonly SafetyEvidence[] },
): Figures {
  const { n, x, m, y } = state.totals;
  const harm = { logE: decision.logE, threshold: decision.threshold, errorsLogE: errorsLogE(state) };
  const safety = { logE: Math.min(...safe.map(({ logE }) => logE)), threshold: -Math.log(beta) };
  const towards = [toGo(harm, state.errors.since.n), toGo(safety, state.safety.requests)];
  const known = towards.filter((requests) => requests !== null);
  return {
    compared: true,
    candidate: { requests: n, bad: x, interval: bernoulliInterval(x, n, beta) },
    stableMatched: stableRate(state.totals),
    stable: { requests: m, bad: y, interval: bernoulliInterval(y, m, beta) },
    ratio: ratioInterval(state.ratio, beta),
    harm,
    safe: safety,
    worseBy: worseBy(state, decision.threshold),
    requestsToGo: known.length === 0 ? null : Math.min(...known),
    alpha,
  };
}

function worseBy({ errors, worse }: AnalysisState, threshold: number): number | null {
  const shown = [{ ratio: 1, process: errors.process }, ...worse].filter(
    ({ process }) => binaryLogE(process, 'harm') >= threshold,
  );
  return shown.length === 0 ? null : Math.max(...shown.map(({ ratio }) => ratio));
}

function toGo(
  { logE, threshold }: { readonly logE: number; readonly threshold: number },
  requests: number,
): number | null {
  if (logE >= threshold) return 0;
  return logE > 0 && requests > 0 ? Math.ceil((requests * (threshold - logE)) / logE) : null;
}
