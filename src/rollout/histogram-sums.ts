import type { SparseHistogram } from '../base/counts.ts';

type Bucket = SparseHistogram[number];

/** Bucket by bucket `left` plus `right`, or minus it, in rising order; buckets in which nothing is left are left out. */
export function sumHistograms(left: SparseHistogram, right: SparseHistogram, sign: 1 | -1): SparseHistogram {
  if (right.length === 0) return left;
  const held = rising(left);
  const sum: Bucket[] = [];
  let next = 0;
  for (const one of rising(right)) {
    const [bucket, count] = one;
    next = takeBelow(held, { from: next, below: bucket, into: sum });
    const same = held[next];
    if (same?.[0] === bucket) {
      next += 1;
      if (same[1] + sign * count !== 0) sum.push([bucket, same[1] + sign * count]);
    } else if (count !== 0) sum.push(sign === 1 ? one : [bucket, -count]);
  }
  takeBelow(held, { from: next, below: Number.POSITIVE_INFINITY, into: sum });
  // Pushing leaves room for more, and sums are kept.
  return sum.slice();
}

/** Gives the index of the first bucket that was not taken. */
function takeBelow(
  held: SparseHistogram,
  { from, below, into }: { readonly from: number; readonly below: number; readonly into: Bucket[] },
): number {
  let index = from;
  for (let one = held[index]; one !== undefined && one[0] < below; one = held[index]) {
    if (one[1] !== 0) into.push(one);
    index += 1;
  }
  return index;
}

/** Nearly every histogram is so already; a router may tell its buckets in any order. */
function rising(histogram: SparseHistogram): SparseHistogram {
  for (let index = 1; index < histogram.length; index += 1) {
    if ((histogram[index - 1]?.[0] ?? 0) >= (histogram[index]?.[0] ?? 0)) {
      return [...new Map(histogram)].sort(([a], [b]) => a - b);
    }
  }
  return histogram;
}
