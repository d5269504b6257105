import type { AnalysisState } from './analysis-state.ts';
import type { SlotBatch } from './batch.ts';
import type { OnsetPrior } from './onset.ts';
import { minSlices, observeSlices, type SliceBatch } from './slice-process.ts';

/**
 * Slots as slices. Whether slots can be used is settled by the first batch in which both arms have requests: where sticky
 * users of one slot are on both arms, there are no slices of the candidate, and requests are counted with a dispersion instead.
 */
export function observeSlots(
  { mode, process }: NonNullable<AnalysisState['slices']>,
  slots: readonly SlotBatch[],
  { begins, onset }: { readonly begins: boolean; readonly onset: OnsetPrior },
): NonNullable<AnalysisState['slices']> {
  const sliced = slicesOf(slots);
  const usable =
    sliced.candidate.length > 0 &&
    sliced.stable.length > 0 &&
    sliced.candidate.length + sliced.stable.length >= minSlices;
  const settled = mode === 'waiting' ? settle(slots, usable) : mode;
  if (settled !== 'slices') return { mode: settled, process };
  return { mode: settled, process: observeSlices(process, sliced, begins, { direction: 'harm', onset }) };
}

function settle(slots: readonly SlotBatch[], usable: boolean): 'waiting' | 'slices' | 'requests' {
  if (usable) return 'slices';
  const candidates = slots.filter(({ candidate }) => candidate.requests > 0).length;
  const busy = slots.filter(({ candidate, stable }) => candidate.requests + stable.requests > 0).length;
  return candidates > 0 && busy >= minSlices ? 'requests' : 'waiting';
}

/** A slot belongs to the arm that most of its requests went to; idle slots to none. */
function slicesOf(slots: readonly SlotBatch[]): SliceBatch {
  const busy = slots.filter(({ candidate, stable }) => candidate.requests + stable.requests > 0);
  const isCandidate = ({ candidate, stable }: SlotBatch) => candidate.requests > stable.requests;
  return {
    candidate: busy.filter(isCandidate).map(({ candidate }) => candidate.bad),
    stable: busy.filter((slot) => !isCandidate(slot)).map(({ stable }) => stable.bad),
  };
}
