import { addBatches, emptyBatch } from './binary-process.ts';
import type { TwoSampleBatch } from './two-sample.ts';

/**
 * Counts of both arms over some time. Their plain totals must not be compared: when weights change while the level of both
 * drifts, each total is weighted differently in time (Simpson's paradox). So stable's counts are also kept as the candidate's
 * requests would have met them, block by block. Plain JSON.
 */
export interface MatchedCounts extends TwoSampleBatch {
  /** Candidate requests of the closed blocks, and how many of them would be bad at stable's rates of the same blocks. */
  readonly matched: number;
  readonly expected: number;
  /** The block that is not closed; one without stable requests goes on into the next. */
  readonly open: TwoSampleBatch;
}

export const noCounts: MatchedCounts = { ...emptyBatch, matched: 0, expected: 0, open: emptyBatch };

export function addMatched(
  counts: MatchedCounts,
  batch: TwoSampleBatch,
  beginsBlock: boolean,
): MatchedCounts {
  const { matched, expected, open } = beginsBlock ? closed(counts) : counts;
  return { ...addBatches(counts, batch), matched, expected, open: addBatches(open, batch) };
}

/** The counts since ln E was last zero or less, which it has come to with this batch: a guard looks at these only. */
export function sinceZero(
  logE: number,
  since: MatchedCounts,
  { counts, begins }: { readonly counts: TwoSampleBatch; readonly begins: boolean },
): MatchedCounts {
  return logE > 0 ? addMatched(since, counts, begins) : noCounts;
}

/** Stable's bad rate under the candidate's own weighting in time; null while stable had no request. */
export function stableRate(counts: MatchedCounts): number | null {
  const { matched, expected } = closed(counts);
  return matched === 0 ? null : expected / matched;
}

function closed({
  matched,
  expected,
  open,
}: MatchedCounts): Pick<MatchedCounts, 'matched' | 'expected' | 'open'> {
  const { n, m, y } = open;
  if (m === 0) return { matched, expected, open };
  return { matched: matched + n, expected: expected + (n * y) / m, open: emptyBatch };
}
