/** Prior over the block in which a fault begins: half on the first, .4 spread over the planned H, a thin tail after. */
export interface OnsetPrior {
  /** Planned blocks, default 360. */
  readonly horizon: number;
  readonly first: number;
  readonly spread: number;
}

export const defaultOnset: OnsetPrior = { horizon: 360, first: 0.5, spread: 0.4 };

/** Prior mass v_j of block j = 1, 2, …; over all blocks it sums to one. */
export function onsetWeight(j: number, { horizon, first, spread }: OnsetPrior = defaultOnset): number {
  if (j === 1) return first;
  if (j <= horizon) return spread / (horizon - 1);
  return ((1 - first - spread) * horizon) / (j * (j - 1));
}
