import assert from 'node:assert/strict';
import { it } from 'node:test';
import { difference, nothing, sum } from './evidence.ts';

const arm = (bad: number, shielded?: number) => ({
  ...nothing,
  requests: 100,
  bad,
  ...(shielded !== undefined && { shielded }),
});

it('counts shielded requests beside the bad ones, which stay in full', () => {
  assert.deepEqual(sum([arm(5, 3), arm(4), arm(1, 1)]), { ...nothing, requests: 300, bad: 10, shielded: 4 });
  assert.deepEqual(difference(arm(5, 3), arm(4, 1)), { ...nothing, bad: 1, shielded: 2 });
  assert.deepEqual(difference(arm(5, 3), arm(5, 4)), { ...nothing, shielded: -1 });
});

it('leaves none out, so that what was recorded before folds to the same', () => {
  assert.ok(!('shielded' in sum([arm(5), arm(4)])));
  assert.ok(!('shielded' in difference(arm(5, 2), arm(4, 2))));
});
