import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Clock } from './clock.ts';
import { SharedWakes } from './shared-wakes.ts';

/** A clock that tells what it was asked to wait for, and stands still. */
function standing(nowMs: number): Clock & { readonly at: number[]; nowMs: number } {
  const clock = {
    nowMs,
    at: [] as number[],
    now: () => clock.nowMs,
    monotonicMs: () => clock.nowMs,
    after: (delayMs: number) => {
      clock.at.push(clock.nowMs + delayMs);
      return () => {};
    },
  };
  return clock;
}

const nothing = () => {};

test('those with one period wake together, and with each second turn of half the period', () => {
  const clock = standing(12_345);
  const wakes = new SharedWakes(clock);
  for (const periodMs of [1_000, 1_000, 2_000]) wakes.join(periodMs).next(nothing);
  assert.deepEqual(clock.at, [13_000, 13_000, 14_000]);
});

test('a turn that is at hand already is the next one', () => {
  const clock = standing(12_960);
  new SharedWakes(clock).join(1_000).next(nothing);
  assert.deepEqual(clock.at, [14_000]);
});

test('one that just had its turn asks for more time', () => {
  const clock = standing(12_600);
  new SharedWakes(clock).join(1_000).next(nothing, 500);
  assert.deepEqual(clock.at, [14_000]);
});

test('who has left lets go of what waits, and waits for nothing more', () => {
  const clock = standing(0);
  let cancelled = 0;
  const after = clock.after;
  clock.after = (delayMs, callback) => {
    after(delayMs, callback);
    return () => {
      cancelled += 1;
    };
  };
  const turns = new SharedWakes(clock).join(1_000);
  turns.next(nothing);
  turns.leave();
  turns.next(nothing);
  assert.deepEqual([clock.at, cancelled], [[1_000], 1]);
});

test('many are spread over the period, and a place that was left is taken again', () => {
  const clock = standing(0);
  const wakes = new SharedWakes(clock);
  const turns = Array.from({ length: 33 }, () => wakes.join(1_000));
  for (const turn of turns) turn.next(nothing);
  const at = (ms: number) => clock.at.filter((each) => each === ms).length;
  assert.deepEqual([at(1_000), at(50), at(100)], [16, 16, 1]);
  turns[0]?.leave();
  turns[0]?.leave();
  clock.at.length = 0;
  wakes.join(1_000).next(nothing);
  wakes.join(1_000).next(nothing);
  assert.deepEqual(clock.at, [1_000, 100]);
});

test('when each moment is full, the emptiest is taken', () => {
  const clock = standing(0);
  const wakes = new SharedWakes(clock);
  for (let i = 0; i < 2 * 16 + 2; i += 1) wakes.join(100).next(nothing);
  assert.deepEqual(clock.at.slice(-2), [100, 50]);
});

test('a period of ten years takes no more room than one of a second', () => {
  const clock = standing(0);
  const tenYearsMs = 3_650 * 86_400_000;
  const wakes = new SharedWakes(clock);
  for (let i = 0; i < 17; i += 1) wakes.join(tenYearsMs).next(nothing);
  assert.deepEqual(clock.at.slice(-2), [tenYearsMs, 50]);
});

test('the next turn is never at once and never more than a period and 50 ms away', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1e10, noNaN: true }),
      fc.integer({ min: 1, max: 100_000 }),
      fc.integer({ min: 1, max: 200 }),
      (nowMs, periodMs, members) => {
        const clock = standing(nowMs);
        const wakes = new SharedWakes(clock);
        for (let i = 0; i < members; i += 1) wakes.join(periodMs).next(nothing);
        for (const at of clock.at) {
          const waitMs = at - nowMs;
          assert.ok(waitMs >= Math.min(50, periodMs / 2) - 1e-3, `${waitMs}`);
          assert.ok(waitMs <= periodMs + Math.min(50, periodMs / 2) + 1 + 1e-3, `${waitMs}`);
        }
      },
    ),
  );
});
