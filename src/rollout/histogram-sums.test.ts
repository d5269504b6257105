import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { SparseHistogram } from '../base/counts.ts';
import { sumHistograms } from './histogram-sums.ts';

const counts = fc.array(fc.tuple(fc.nat(20), fc.nat(3)), { maxLength: 12 });
const inAnyOrder = counts.map((all): SparseHistogram => [...new Map(all)]);

describe('the sum of two histograms', () => {
  it('has every bucket once, in rising order, without empty ones', () => {
    fc.assert(
      fc.property(inAnyOrder, inAnyOrder, fc.constantFrom(1 as const, -1 as const), (left, right, sign) => {
        fc.pre(right.length > 0);
        const added = new Map(left);
        for (const [bucket, count] of right) added.set(bucket, (added.get(bucket) ?? 0) + sign * count);
        const expected = [...added].filter(([, count]) => count !== 0).sort(([a], [b]) => a - b);
        assert.deepEqual(sumHistograms(left, right, sign), expected);
      }),
    );
  });

  it('is the left one itself where nothing is added', () => {
    const left: SparseHistogram = [[3, 1]];
    assert.equal(sumHistograms(left, [], -1), left);
  });
});
