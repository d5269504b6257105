import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { equalCopies } from './equal-copies.ts';

const of = (all: number, failed: number) =>
  equalCopies(
    new Map([
      ['equal releases copied to', all],
      ['equal releases failed by copies', failed],
    ]),
  );

describe('equal releases that copies failed', () => {
  it('are too many when chance would hardly ever fail so many of them', () => {
    assert.deepEqual(of(0, 0), { copied: 0, failed: 0, tooMany: false });
    assert.equal(of(200, 5).tooMany, false);
    assert.equal(of(200, 7).tooMany, true);
    assert.equal(of(20, 2).tooMany, false);
    assert.equal(of(20, 3).tooMany, false);
    assert.equal(of(20, 4).tooMany, true);
  });
});
