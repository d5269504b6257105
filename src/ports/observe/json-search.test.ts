import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { searchJson } from './json-search.ts';

const composite = fc.jsonValue().filter((value) => typeof value === 'object' && value !== null);

describe('a search for JSON', () => {
  it('finds every object and list in itself, and among other words', () => {
    fc.assert(
      fc.property(composite, fc.stringMatching(/^[a-z :\n]*$/), (value, words) => {
        // A negative zero is written as zero.
        const wanted = JSON.parse(JSON.stringify(value));
        assert.equal(searchJson(JSON.stringify(value, null, 2), wanted).holds, true);
        assert.equal(searchJson(`${words}${JSON.stringify(value)} ${words}`, wanted).holds, true);
      }),
    );
  });

  it('wants a key to be there itself, and a value of the same type', () => {
    assert.equal(searchJson('{}', { toString: {} }).holds, false);
    assert.equal(searchJson('{"a":"1"}', { a: 1 }).holds, false);
    assert.equal(searchJson('{"a":null}', { a: null }).holds, true);
    assert.equal(searchJson('[1]', {}).holds, false);
    assert.equal(searchJson('{"n":{"a":1}}', { a: 1 }).holds, false, 'what is deeper is another object');
  });

  it('ends soon with brackets that are never closed, and with very deep ones', () => {
    const begun = performance.now();
    assert.equal(searchJson('[{"a'.repeat(1_000_000), {}).holds, false);
    assert.ok(performance.now() - begun < 3_000);
    assert.equal(typeof searchJson(`${'['.repeat(100_000)}${']'.repeat(100_000)}`, []).holds, 'boolean');
  });
});
