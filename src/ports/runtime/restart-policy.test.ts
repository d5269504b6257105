import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { afterDeath, standardRestarts } from './restart-policy.ts';

describe('the restart policy', () => {
  it('doubles the wait with each death in a row, then tells a crash loop', () => {
    const waits: (number | string)[] = [];
    for (let deathsInRow = 0; deathsInRow < 5; deathsInRow += 1) {
      const next = afterDeath(standardRestarts, { deathsInRow, upMs: 10 });
      waits.push(next.kind === 'restart' ? next.delayMs : next.kind);
    }
    assert.deepEqual(waits, [250, 500, 1_000, 2_000, 'crash-looping']);
  });

  it('begins anew for an instance that was up long enough, and never waits longer than the longest', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (deathsInRow, upMs) => {
        const next = afterDeath({ ...standardRestarts, deathsToLoop: 2 ** 32 }, { deathsInRow, upMs });
        assert.equal(next.deathsInRow, upMs >= standardRestarts.calmMs ? 1 : deathsInRow + 1);
        assert.ok(next.kind === 'restart' && next.delayMs <= standardRestarts.longestBackoffMs);
      }),
    );
  });
});
