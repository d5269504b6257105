import assert from 'node:assert/strict';
import { it } from 'node:test';
import { harmAlternatives } from './alternatives.ts';
import { mixtureLogE, observeMixture, startMixture } from './mixture.ts';
import { logETwoSample } from './two-sample.ts';

it('finds 1 % against 4 % at the published pace', () => {
  const batches = [
    { n: 100, x: 1, m: 1900, y: 20 },
    { n: 100, x: 4, m: 1900, y: 17 },
    { n: 100, x: 6, m: 1900, y: 19 },
    { n: 100, x: 3, m: 1900, y: 22 },
    { n: 100, x: 5, m: 1900, y: 18 },
  ];
  const expected = [
    -0.42517794546368826, 0.42238541040057587, 4.2791121731084125, 4.957160359190615, 8.492976435446627,
  ];
  const alternatives = harmAlternatives();
  let state = startMixture(alternatives);
  let [bad, total] = [0.5, 100];
  for (const [index, batch] of batches.entries()) {
    const pHat = bad / total;
    const logE = alternatives.map(({ omega }) => {
      const q = ((omega ?? 1) * pHat) / (1 + ((omega ?? 1) - 1) * pHat);
      return logETwoSample(batch, { r: 1, d: 0, pHat, q });
    });
    state = observeMixture(state, { logE, beginsBlock: true });
    [bad, total] = [bad + batch.y, total + batch.m];
    const actual = mixtureLogE(state, alternatives);
    assert.ok(Math.abs(actual - (expected[index] ?? Number.NaN)) < 1e-9, `${actual} in batch ${index + 1}`);
  }
  assert.ok(Math.abs(state.rest - 0.49554317548746507) < 1e-12);
});
