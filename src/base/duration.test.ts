import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { formatDuration, parseDuration } from './duration.ts';

describe('durations', () => {
  it('reads units and their sums', () => {
    assert.equal(parseDuration('500ms'), 500);
    assert.equal(parseDuration('1h30m'), 5_400_000);
    assert.equal(parseDuration('1.5s'), 1_500);
  });

  it('refuses a bare number, an unknown unit and the empty text', () => {
    for (const text of ['90', '5x', '', '5m later', '-5m']) {
      assert.throws(() => parseDuration(text), { code: 'duration-malformed' });
    }
  });

  it('prints what it would read', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000_000_000 }), (durationMs) => {
        assert.equal(parseDuration(formatDuration(durationMs)), durationMs);
      }),
    );
  });
});
