import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { SparseHistogram } from '../base/counts.ts';
import { exceed, nearestEdge } from './histogram.ts';

const edges = 12;
const histogram = fc
  .array(fc.tuple(fc.nat(edges + 1), fc.integer({ min: 1, max: 5 })), { maxLength: 8 })
  .map((all): SparseHistogram => [...new Map(all)].sort(([a], [b]) => a - b));

describe('the edge nearest to a quantile', () => {
  it('is the first of all edges with the nearest exceedance', () => {
    fc.assert(
      fc.property(histogram, fc.constantFrom(0, 0.5, 0.9, 0.95, 0.99, 1), (counts, u) => {
        const total = counts.reduce((sum, [, count]) => sum + count, 0);
        const off = Array.from({ length: edges }, (_, edge) =>
          Math.abs(exceed(counts, edge) / total - (1 - u)),
        );
        const first = total === 0 ? 0 : off.indexOf(Math.min(...off));
        assert.equal(nearestEdge(counts, u, edges), first);
      }),
    );
  });
});
