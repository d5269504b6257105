import type { RequestTally } from '../base/counts.ts';
import type { Guarded } from './analysis-state.ts';
import { bernoulliInterval } from './bernoulli-interval.ts';
import { type BinaryState, binaryLogE, observeBinary, startBinary } from './binary-process.ts';
import { guarded } from './decide.ts';
import { errorGuard } from './evidence.ts';
import { explainMirror } from './explain.ts';
import type { MirrorFigures, RateFigure } from './figures.ts';
import { noCounts, sinceZero } from './matched-counts.ts';
import { defaultOnset } from './onset.ts';
import type { AnalysisSettings } from './settings.ts';
import { addTallies, noRequests } from './tally.ts';

/** Copies of requests beside the users' own between two readings. */
export interface MirrorInterval {
  /** End of the interval, ms of the wall clock. */
  readonly atMs: number;
  readonly candidate: RequestTally;
  readonly stable: RequestTally;
}

/** What copies have shown of a candidate that no user has met. Plain JSON. */
export interface MirrorState {
  readonly startedAt: number | null;
  readonly block: number | null;
  readonly errors: Guarded<BinaryState>;
  readonly candidate: RequestTally;
  readonly stable: RequestTally;
}

export interface MirrorVerdict {
  /** `doubtful`: there is some evidence of harm, too much to go on and too little to fail. */
  readonly kind: 'failed' | 'doubtful' | 'unharmed';
  readonly reasons: readonly string[];
  readonly figures: MirrorFigures;
}

/** @param past bad and all requests of stable that are known already: what its rate is thought to be. */
export function startMirror(past?: { readonly bad: number; readonly total: number }): MirrorState {
  return {
    startedAt: null,
    block: null,
    errors: { process: startBinary('harm', past), since: noCounts },
    candidate: noRequests,
    stable: noRequests,
  };
}

/**
 * Errors alone, by K1: how a copy's latency compares says little, because stable answers with a warm cache. Copies and users' requests meet the
 * same faults of what both depend on; that only makes a wrong verdict rarer.
 */
export function observeMirror(
  state: MirrorState,
  { atMs, candidate, stable }: MirrorInterval,
  { blockMs, horizonBlocks }: AnalysisSettings,
): MirrorState {
  const startedAt = state.startedAt ?? atMs;
  const block = Math.max(state.block ?? 0, Math.floor((atMs - startedAt) / blockMs));
  const begins = state.block === null || block > state.block;
  const counts = { n: candidate.requests, x: candidate.bad, m: stable.requests, y: stable.bad };
  const process = observeBinary(state.errors.process, counts, begins, {
    r: 1,
    d: 0,
    direction: 'harm',
    onset: { ...defaultOnset, horizon: horizonBlocks },
  });
  const since = sinceZero(binaryLogE(process, 'harm'), state.errors.since, { counts, begins });
  return {
    startedAt,
    block,
    errors: { process, since },
    candidate: addTallies(state.candidate, candidate),
    stable: addTallies(state.stable, stable),
  };
}

/** `settings.alpha` is the share of the error that the mirror has: half, where there is one, and the live comparison the other half. */
export function mirrorVerdict(state: MirrorState, settings: AnalysisSettings): MirrorVerdict {
  const { alpha, beta, guards, promoteHarmLimit } = settings;
  const guardHolds = errorGuard(state.errors.since, guards);
  const logE = guarded({ logE: binaryLogE(state.errors.process, 'harm'), guardHolds });
  const threshold = -Math.log(alpha);
  const kind = logE >= threshold ? 'failed' : logE >= Math.log(promoteHarmLimit) ? 'doubtful' : 'unharmed';
  const rate = ({ requests, bad }: RequestTally): RateFigure => ({
    requests,
    bad,
    interval: bernoulliInterval(bad, requests, beta),
  });
  const figures = { candidate: rate(state.candidate), stable: rate(state.stable), logE, threshold, alpha };
  return { kind, reasons: explainMirror(kind, figures), figures };
}
