/** Not a number for none. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value below or at which the given share of them lies, interpolated. Not a number for none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const low = sorted[Math.floor(place)] ?? Number.NaN;
  const high = sorted[Math.ceil(place)] ?? Number.NaN;
  return low + (high - low) * (place - Math.floor(place));
}
