import assert from 'node:assert/strict';
import { it } from 'node:test';
import { parseServiceName, parseTargetId, parseUnitId, targetId } from './ids.ts';

it('reads names and refuses what could be a path', () => {
  assert.equal(targetId(parseTargetId('web@production')), 'web@production');
  assert.equal(parseUnitId('U-42.a_b'), 'U-42.a_b');
  for (const text of ['', '../x', 'a/b', 'Web', '-a', 'a'.repeat(41)]) {
    assert.throws(() => parseServiceName(text), { code: 'name-malformed' });
  }
  for (const text of ['', '..', 'a/b', '.a', 'a b']) {
    assert.throws(() => parseUnitId(text), { code: 'name-malformed' });
  }
});
