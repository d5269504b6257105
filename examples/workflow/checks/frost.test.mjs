import assert from 'node:assert/strict';
import { it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { table } from '../data/table.mjs';

const { frostDays } = await import(pathToFileURL('code/frost.mjs').href);

it('finds each day on which one of the sensors froze, once', () => {
  assert.deepEqual(frostDays(table()), ['2026-01-03', '2026-01-04', '2026-01-05']);
});

it('takes zero for no frost', () => {
  assert.deepEqual(frostDays([{ day: '2026-02-01', sensor: 'north', celsius: 0 }]), []);
});
