import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { logERates } from './rates.ts';
import { logETwoSample } from './two-sample.ts';

const near = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) < 1e-9, `${actual} instead of ${expected}`);

describe('the kernels', () => {
  it('give the published numbers', () => {
    near(
      logETwoSample({ n: 10, x: 2, m: 190, y: 2 }, { r: 1, d: 0, pHat: 0.01, q: 0.05 }),
      2.5560060240504905,
    );
    near(
      logETwoSample({ n: 500, x: 4, m: 9500, y: 93 }, { r: 1.5, d: 0.005, pHat: 0.0098, q: 0.0098 }),
      2.0898986132107296,
    );
    near(logETwoSample({ n: 50, x: 4, m: 0, y: 0 }, { r: 0, d: 0.05, pHat: 0, q: 0.2 }), -2.359934374146758);
    near(
      logETwoSample({ n: 1, x: 1, m: 19, y: 0 }, { r: 1, d: 0, pHat: 0.001, q: 0.0039880358923230315 }),
      1.2468989117671188,
    );
    near(logERates({ x: 7, u: 5, y: 60, v: 95 }, { r: 1, rho: 3 }), 1.3045039737869972);
  });

  it('have a mean of at most one on the null line, whatever the stable rate is', () => {
    const rate = fc.double({ min: 0.001, max: 0.6, noNaN: true });
    const size = fc.integer({ min: 1, max: 6 });
    fc.assert(
      fc.property(rate, rate, rate, size, size, (p, pHat, q, n, m) => {
        const test = { r: 1, d: 0, pHat, q: Math.max(q, pHat) };
        let mean = 0;
        for (let x = 0; x <= n; x += 1) {
          for (let y = 0; y <= m; y += 1) {
            mean += binomial(n, x, p) * binomial(m, y, p) * Math.exp(logETwoSample({ n, x, m, y }, test));
          }
        }
        assert.ok(mean <= 1 + 1e-9, `mean ${mean}`);
      }),
    );
  });
});

function binomial(n: number, k: number, p: number): number {
  let ways = 1;
  for (let i = 0; i < k; i += 1) ways = (ways * (n - i)) / (i + 1);
  return ways * p ** k * (1 - p) ** (n - k);
}
