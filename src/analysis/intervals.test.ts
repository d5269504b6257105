import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { bernoulliInterval } from './bernoulli-interval.ts';
import { logBeta } from './log-beta.ts';
import { quantileInterval } from './quantile-interval.ts';
import { observeRatio, ratioInterval, startRatio } from './ratio-interval.ts';

const near = (actual: number | undefined, expected: number) =>
  assert.ok(Math.abs((actual ?? Number.NaN) / expected - 1) < 1e-9, `${actual} instead of ${expected}`);

describe('the intervals', () => {
  it('give the published numbers', () => {
    const [low, high] = bernoulliInterval(0, 400, 0.05);
    assert.equal(low, 0);
    near(high, 0.016276438638553062);
    const batches = [
      { n: 100, x: 1, m: 1900, y: 20 },
      { n: 100, x: 4, m: 1900, y: 17 },
      { n: 100, x: 6, m: 1900, y: 19 },
      { n: 100, x: 3, m: 1900, y: 22 },
      { n: 100, x: 5, m: 1900, y: 18 },
    ];
    const state = batches.reduce((held, batch) => observeRatio(held, batch), startRatio());
    const ratio = ratioInterval(state, 0.05);
    near(ratio?.[0], 1.5422108254079407);
    near(ratio?.[1], 7.3360323456373715);
  });

  it('have a log beta without loss for large arguments', () => {
    near(logBeta(0.5, 0.5), 1.1447298858494008);
    near(logBeta(0.5, 1e9), -9.789267975423506);
    near(logBeta(1e5, 1e6), -335104.4969524304);
  });

  it('hold the observed rate, and shrink as requests come in', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (n, share) => {
          const x = Math.round(n * share);
          const [low, high] = bernoulliInterval(x, n, 0.05);
          assert.ok(low <= x / n && x / n <= high && low >= 0 && high <= 1);
          const [lower, upper] = bernoulliInterval(10 * x, 10 * n, 0.05);
          assert.ok(upper - lower < high - low);
        },
      ),
    );
  });

  it('put the quantile between edges, and are open while little is known', () => {
    const edges = [10, 20, 30];
    assert.deepEqual(quantileInterval(edges, [100, 800, 100, 0], 0.5, 0.05), [10, 20]);
    assert.deepEqual(quantileInterval(edges, [0, 1, 0, 0], 0.5, 0.05), [0, Number.POSITIVE_INFINITY]);
    assert.deepEqual(bernoulliInterval(0, 0, 0.05), [0, 1]);
  });
});
