import type { SlotBatch } from '../analysis/batch.ts';

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
      candidate: plus(held?.candidate, candidate, sign),
      stable: plus(held?.stable, stable, sign),
    });
  }
  return [...slots.values()]
    .filter(({ candidate, stable }) => candidate.requests !== 0 || stable.requests !== 0)
    .sort((a, b) => a.slot - b.slot);
}

function plus(
  { requests, bad }: SlotBatch['stable'] = { requests: 0, bad: 0 },
  more: SlotBatch['stable'],
  sign: 1 | -1,
): SlotBatch['stable'] {
  return { requests: requests + sign * more.requests, bad: bad + sign * more.bad };
}
