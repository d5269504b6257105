import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { ClockJumps } from './clock-jumps.ts';

test('a clock that is set forward is noticed once, and what creeps forward when it adds up', () => {
  let [wallMs, passedMs] = [1_000_000, 0];
  const jumps = new ClockJumps({ ...systemClock, now: () => wallMs, monotonicMs: () => passedMs });
  const after = (durationMs: number, setMs: number) => {
    passedMs += durationMs;
    wallMs += durationMs + setMs;
    return jumps.take();
  };
  assert.deepEqual(
    [after(5_000, 0), after(10, 60_000), after(10, 0), after(10, 600), after(10, 600), after(10, 0)],
    [0, 60_000, 0, 0, 1_200, 0],
  );
  assert.deepEqual([after(10, -10_000), after(10, 0), after(10, 5_000)], [0, 0, 5_000]);
});
