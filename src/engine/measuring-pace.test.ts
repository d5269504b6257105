import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MeasuringPace } from './measuring-pace.ts';

describe('the pace of measuring', () => {
  it('is the one that is wanted while there are few rollouts, and slower with many', () => {
    const pace = new MeasuringPace();
    for (let n = 0; n < 200; n += 1) pace.join();
    assert.equal(pace.tickMs(100), 100);
    for (let n = 0; n < 800; n += 1) pace.join();
    assert.equal(pace.tickMs(100), 500);
    assert.equal(pace.tickMs(500), 500);
    for (let n = 0; n < 900; n += 1) pace.leave();
    assert.equal(pace.tickMs(100), 100);
  });

  it('spreads rollouts that begin at one moment over a tick, and leaves a single one alone', () => {
    const pace = new MeasuringPace();
    const first = pace.join();
    assert.equal(first(100), 100);
    const waits = Array.from({ length: 200 }, () => pace.join()).map((wait) => wait(100));
    assert.ok(Math.max(...waits) - Math.min(...waits) > 95);
    assert.equal(new Set(waits).size, 200);
  });
});
