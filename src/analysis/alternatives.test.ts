import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { harmAlternatives, safeAlternatives } from './alternatives.ts';
import { onsetWeight } from './onset.ts';

const near = (actual: number | null | undefined, expected: number) =>
  assert.ok(Math.abs((actual ?? Number.NaN) - expected) < 1e-9, `${actual} instead of ${expected}`);

describe('the mixture', () => {
  it('has the published alternatives of harm', () => {
    const [first, second] = harmAlternatives();
    near(second?.omega, 1.9039895240478684);
    near(first?.weight, 0.09310868866216022);
    near(
      harmAlternatives().reduce((sum, { weight }) => sum + weight, 0),
      1,
    );
  });

  it('has the published alternatives of safety', () => {
    const [equal, first, second] = safeAlternatives();
    assert.deepEqual([equal?.omega, equal?.weight], [null, 0.5]);
    near(first?.omega, 0.9);
    near(second?.omega, 0.4203393097060208);
    near(second?.weight, 0.08333333333333333);
  });

  it('spreads the onset as published, and never gives away more than all of the mass', () => {
    near(onsetWeight(2), 0.0011142061281337048);
    near(onsetWeight(361), 0.00027700831024930745);
    near(onsetWeight(1000), 3.603603603603603e-5);
    let sum = 0;
    for (let j = 1; j <= 100_000; j += 1) sum += onsetWeight(j);
    assert.ok(sum < 1 && sum > 0.999);
  });
});
