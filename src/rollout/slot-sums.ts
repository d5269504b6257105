import type { SlotBatch } from '../analysis/batch.ts';
import { addTallies, noRequests } from '../analysis/tally.ts';

/** Slot by slot `left` plus `right`, or minus it; slots in which nothing is left are left out. */
export function sumSlots(
  left: readonly SlotBatch[],
  right: readonly SlotBatch[],
  sign: 1 | -1,
): readonly SlotBatch[] {
  const slots = new Map(left.map((one) => [one.slot, one]));
  for (const { slot, candidate, stable } of right) {
    const held = slots.get(slot);
    slots.set(slot, {
      slot,
      candidate: addTallies(held?.candidate ?? noRequests, candidate, sign),
      stable: addTallies(held?.stable ?? noRequests, stable, sign),
    });
  }
  return [...slots.values()]
    .filter(({ candidate, stable }) => candidate.requests !== 0 || stable.requests !== 0)
    .sort((a, b) => a.slot - b.slot);
}
