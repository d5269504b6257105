import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorFacts } from './sluice-error.ts';

test('a full disk is told as one, with what to do', () => {
  const thrown = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  const { code, message, remedy } = errorFacts(thrown);
  assert.equal(code, 'disk-full');
  assert.match(message, /no room left.*ENOSPC/);
  assert.match(remedy, /[Ff]ree some space/);
});

test('any other error of the system stays unexpected', () => {
  const thrown = Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' });
  assert.equal(errorFacts(thrown).code, 'unexpected');
  assert.equal(errorFacts('ENOSPC').code, 'unexpected');
});
