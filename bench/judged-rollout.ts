import { observeBatch, startAnalysis, verdictOf } from '../src/analysis/analysis.ts';
import type { Batch } from '../src/analysis/batch.ts';
import { defaultAnalysisSettings as settings } from '../src/analysis/settings.ts';

export interface JudgedRollout {
  readonly rolledBack: boolean;
  /** Candidate requests, and time from the first request, until the verdict or until the traffic was looked at. */
  readonly candidateRequests: number;
  readonly elapsedMs: number;
  readonly reasons: readonly string[];
}

/** Looks at the traffic batch by batch with the product's default analysis until it says to roll back, or `until` holds. */
export function judgeRollout(
  batches: Iterable<Batch>,
  until: (candidateRequests: number, elapsedMs: number) => boolean,
): JudgedRollout {
  let state = startAnalysis(settings);
  let [candidateRequests, elapsedMs, firstMs] = [0, 0, Number.NaN];
  for (const batch of batches) {
    if (Number.isNaN(firstMs)) firstMs = batch.atMs;
    elapsedMs = batch.atMs - firstMs;
    candidateRequests += batch.candidate.requests;
    if (batch.candidate.requests + batch.stable.requests > 0) {
      state = observeBatch(state, batch, settings);
      const verdict = verdictOf(state, settings);
      if (verdict.kind === 'failed')
        return { rolledBack: true, candidateRequests, elapsedMs, reasons: verdict.reasons };
    }
    if (until(candidateRequests, elapsedMs)) break;
  }
  return { rolledBack: false, candidateRequests, elapsedMs, reasons: [] };
}
