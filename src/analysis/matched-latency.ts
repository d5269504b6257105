import type { SparseHistogram } from '../base/counts.ts';
import { addHistograms, countOf } from './histogram.ts';

/**
 * Latencies of both arms over some time, stable's weighted block by block as the candidate's requests are, for the reason
 * that `MatchedCounts` gives: counts of stable are fractions here. Plain JSON.
 */
export interface MatchedLatency {
  readonly candidate: SparseHistogram;
  readonly stable: SparseHistogram;
  /** The block that is not closed; one that lacks an arm goes on into the next. */
  readonly open: { readonly candidate: SparseHistogram; readonly stable: SparseHistogram };
}

const nothing = { candidate: [], stable: [] };
export const noLatencies: MatchedLatency = { ...nothing, open: nothing };

export function addLatencies(
  held: MatchedLatency,
  arrived: { readonly candidate: SparseHistogram; readonly stable: SparseHistogram },
  beginsBlock: boolean,
): MatchedLatency {
  const { candidate, stable, open } = beginsBlock ? closed(held) : held;
  return {
    candidate,
    stable,
    open: {
      candidate: addHistograms(open.candidate, arrived.candidate),
      stable: addHistograms(open.stable, arrived.stable),
    },
  };
}

/** The open block is taken in where both arms are in it. */
export function closed(held: MatchedLatency): MatchedLatency {
  const { candidate, stable } = held.open;
  const [n, m] = [countOf(candidate), countOf(stable)];
  if (n === 0 || m === 0) return held;
  const weighted = stable.map(([bucket, count]) => [bucket, (count * n) / m] as const);
  return {
    candidate: addHistograms(held.candidate, candidate),
    stable: addHistograms(held.stable, weighted),
    open: nothing,
  };
}
