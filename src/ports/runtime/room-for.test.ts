import assert from 'node:assert/strict';
import { it } from 'node:test';
import { roomFor } from './room-for.ts';

const mib = 2 ** 20;
const enough = { needed: 256 * mib, free: 4_096 * mib };

it('room tells what is needed and free of memory and disk', () => {
  const disk = { needed: 1.5 * mib, free: 900 * mib };
  assert.deepEqual(roomFor(2, { memory: enough, disk }), {
    ok: true,
    reason:
      '2 more would use about 256 MiB of memory (4096 MiB are free) and about 1.5 MiB of disk for copies of the artifact (900 MiB are free).',
  });
});

it('room that does not suffice is told by what is missing', () => {
  const disk = { needed: 300 * mib, free: 20 * mib };
  assert.deepEqual(roomFor(2, { memory: enough, disk }), {
    ok: false,
    reason: '2 more need about 300 MiB of disk for copies of the artifact (20 MiB are free).',
  });
  const both = roomFor(9, { memory: { needed: 9 * mib, free: 8.9 * mib }, disk });
  assert.match(both.reason, /9 MiB of memory \(8\.9 MiB are free\) and about 300 MiB of disk/);
});
