import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HeadTimes } from './head-times.ts';

function after(answers: number, latencyMs: number, times = new HeadTimes()): HeadTimes {
  for (let i = 0; i < answers; i += 1) times.saw('GET /', latencyMs);
  return times;
}

describe('the times to the heads of stable', () => {
  it('say nothing about a route of which little was seen', () => {
    assert.equal(after(99, 5).slowestMs('GET /'), null);
    assert.equal(after(100, 5).slowestMs('GET /'), 5);
    assert.equal(after(1_000, 5).slowestMs('GET /other'), null);
  });

  it('keep the slowest for at least 500 answers, and forget it after 1,000', () => {
    const times = after(1, 4_000);
    assert.equal(after(999, 5, times).slowestMs('GET /'), 4_000);
    assert.equal(after(1, 5, times).slowestMs('GET /'), 5);
  });
});
