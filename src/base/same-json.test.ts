import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonicalJson } from './canonical-json.ts';
import { sameJson } from './same-json.ts';

const small = fc.oneof(fc.constantFrom(null, undefined, 0, -0, 1, '', 'a', true, Number.NaN), fc.integer());
const values = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    small,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
})).value;

test('two values are the same exactly when their canonical JSON is', () => {
  fc.assert(
    fc.property(values, values, (a, b) => {
      assert.equal(sameJson(a, b), canonicalJson(a) === canonicalJson(b));
    }),
    { numRuns: 2_000 },
  );
});

test('the order of members and members without a value make no difference', () => {
  assert.equal(sameJson({ a: 1, b: [{ c: undefined }] }, { b: [{}], a: 1 }), true);
  assert.equal(sameJson({ a: 1 }, { a: 1, b: null }), false);
});
