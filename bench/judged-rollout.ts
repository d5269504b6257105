import {
  type AnalysisState,
  observeBatch,
  startAnalysis,
  type Verdict,
  verdictOf,
} from '../src/analysis/analysis.ts';
import type { Batch } from '../src/analysis/batch.ts';
import { combineLogE } from '../src/analysis/combine.ts';
import { guarded } from '../src/analysis/decide.ts';
import { harmEvidence } from '../src/analysis/evidence.ts';
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
      const failed = failure(state);
      if (failed !== null) return { rolledBack: true, candidateRequests, elapsedMs, reasons: failed.reasons };
    }
    if (until(candidateRequests, elapsedMs)) break;
  }
  const { kind, reasons } = verdictOf(state, settings);
  // A problem with a batch stays, and would pass for a candidate that nothing was found against.
  if (kind === 'error') throw new Error(`The analysis refused the simulated traffic: ${reasons.join('; ')}`);
  return { rolledBack: false, candidateRequests, elapsedMs, reasons: [] };
}

/** The verdict is asked only where the evidence is enough for it: its intervals and sentences take most of the time. */
function failure(state: AnalysisState): Verdict | null {
  const harm = harmEvidence(state, settings).map((part) => ({ ...part, logE: guarded(part) }));
  if (combineLogE(harm) < -Math.log(settings.alpha)) return null;
  const verdict = verdictOf(state, settings);
  return verdict.kind === 'failed' ? verdict : null;
}
