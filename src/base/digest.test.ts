import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { canonicalJson } from './canonical-json.ts';
import { digestOfBytes, digestOfJson, parseDigest } from './digest.ts';

describe('digests', () => {
  it('are the same for values that are equal as JSON, whatever the order of keys', () => {
    assert.equal(
      digestOfJson({ a: 1, b: [2, { c: 3, d: null }] }),
      digestOfJson({ b: [2, { d: null, c: 3 }], a: 1 }),
    );
  });

  it('are of canonical text that reads back as the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        assert.deepEqual(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('are read back, and anything else is refused with a code', () => {
    const digest = digestOfBytes('hello');
    assert.equal(parseDigest(` ${digest.toUpperCase()} `), digest);
    assert.throws(() => parseDigest('sha256:123'), { code: 'digest-malformed' });
  });
});
