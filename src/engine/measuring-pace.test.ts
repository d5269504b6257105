import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MeasuringPace } from './measuring-pace.ts';

describe('the pace of measuring', () => {
  it('is the one that is wanted while there are few rollouts, and slower with many', () => {
    const pace = new MeasuringPace();
    for (let n = 0; n < 100; n += 1) pace.join();
    assert.equal(pace.tickMs(100), 100);
    for (let n = 0; n < 400; n += 1) pace.join();
    assert.equal(pace.tickMs(100), 500);
    assert.equal(pace.tickMs(500), 500);
    for (let n = 0; n < 400; n += 1) pace.leave();
    assert.equal(pace.tickMs(100), 100);
  });

  it('leaves a single one its tick, and half a tick at least after a look that took long', () => {
    const next = new MeasuringPace().join();
    assert.equal(next({ tickMs: 100, nowMs: 7, dueMs: null }), 107);
    assert.equal(next({ tickMs: 100, nowMs: 120, dueMs: 107 }), 207);
    assert.equal(next({ tickMs: 100, nowMs: 190, dueMs: 107 }), 240);
  });

  it('spreads rollouts over a tick, those that one slow commit acknowledged at one moment too', () => {
    const pace = new MeasuringPace();
    const all = Array.from({ length: 200 }, () => pace.join());
    const looks = (nowMs: number, dues: readonly (number | null)[]) =>
      all.map((next, n) => next({ tickMs: 100, nowMs, dueMs: dues[n] ?? null }));
    const first = looks(3, []);
    for (const moments of [first, looks(1_000, first)]) {
      const sorted = moments.toSorted((a, b) => a - b);
      const gaps = sorted.slice(1).map((moment, n) => moment - (sorted[n] ?? 0));
      assert.ok(Math.max(...gaps) < 1.5, `${Math.max(...gaps)} ms without any`);
    }
  });

  it('keeps each one at its place in the tick', () => {
    const pace = new MeasuringPace();
    pace.join();
    const next = pace.join();
    const first = next({ tickMs: 100, nowMs: 1_000, dueMs: null });
    const second = next({ tickMs: 100, nowMs: first + 30, dueMs: first });
    assert.equal(second, first + 100);
    assert.ok(next({ tickMs: 100, nowMs: second + 80, dueMs: second }) >= second + 130);
  });
});
