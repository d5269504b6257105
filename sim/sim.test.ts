import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { simulate } from './simulate.ts';

describe('the simulated world', () => {
  it('gives the same run for the same seed', async () => {
    for (const seed of [1, 4, 7]) {
      const first = await simulate(seed);
      assert.equal((await simulate(seed)).traceHash, first.traceHash);
      assert.notEqual((await simulate(seed + 100)).traceHash, first.traceHash);
    }
  });
});
