import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Asked, type Attempt, afterAttempt, isAsset } from './shield.ts';

const usual = ['/assets/', '/static/', 'hashed'];
const get: Asked = { method: 'GET', path: '/', hasBody: false, upgrade: false };
const first = (arm: Attempt['arm'], outcome: Attempt['outcome']): Attempt => ({
  arm,
  outcome,
  standIn: null,
});
const after = (asked: Partial<Asked>, attempt: Attempt, shield = true) =>
  afterAttempt({ ...get, ...asked }, attempt, {
    shield: shield ? { budgetPercent: 20 } : null,
    assets: usual,
  });

describe('after an attempt', () => {
  const table: readonly [string, ReturnType<typeof after>, ReturnType<typeof after>][] = [
    ['a candidate that says 500 is shielded', after({}, first('candidate', 500)), 'shield'],
    ['a candidate that failed is shielded', after({}, first('candidate', 'failed')), 'shield'],
    ['HEAD too', after({ method: 'HEAD' }, first('candidate', 503)), 'shield'],
    ['OPTIONS too', after({ method: 'OPTIONS' }, first('candidate', 'failed')), 'shield'],
    ['POST is not', after({ method: 'POST' }, first('candidate', 500)), 'pass'],
    ['PUT is not', after({ method: 'PUT' }, first('candidate', 'failed')), 'pass'],
    ['a GET with a body is not', after({ hasBody: true }, first('candidate', 500)), 'pass'],
    ['an upgrade is not', after({ upgrade: true }, first('candidate', 500)), 'pass'],
    ['stable is not', after({}, first('stable', 500)), 'pass'],
    ['a 404 is not', after({}, first('candidate', 404)), 'pass'],
    ['nothing is, when it is off', after({}, first('candidate', 500), false), 'pass'],
    ['nothing is, when nothing was sent', after({}, first('candidate', null)), 'pass'],
    ['a missing asset is asked of the other', after({ path: '/assets/a' }, first('stable', 404)), 'asset'],
    ['either way round', after({ path: '/x/a.3f9c2a1b.js?v=1' }, first('candidate', 404)), 'asset'],
    ['not by POST', after({ method: 'POST', path: '/assets/a' }, first('stable', 404)), 'pass'],
    ['also when the shield is off', after({ path: '/static/a' }, first('stable', 404), false), 'asset'],
  ];
  for (const [title, given, wanted] of table) it(title, () => assert.equal(given, wanted));

  it('gives what a stand-in said, whatever it was, and never asks a third time', () => {
    const outcome = fc.oneof(fc.integer({ min: 200, max: 599 }), fc.constantFrom('failed' as const, null));
    fc.assert(
      fc.property(outcome, fc.constantFrom('stable' as const, 'candidate' as const), (seen, arm) => {
        assert.equal(after({}, { arm, outcome: seen, standIn: 'shield' }), 'pass');
        const failed = typeof seen !== 'number' || seen >= 500;
        const wanted = failed ? 'not-found' : 'pass';
        assert.equal(after({ path: '/assets/a' }, { arm, outcome: seen, standIn: 'asset' }), wanted);
      }),
    );
  });
});

it('knows assets by their directory or by a hash in the name', () => {
  const assets = ['/assets/a.js', '/static/', '/app.3f9c2a1b.js', '/index-BxY12_ab.css', '/c-2XZQK4RP.mjs?x'];
  const others = [
    '/',
    '/asset',
    '/assetsx/a',
    '/orders/12345678',
    '/jquery-validation.js',
    '/My-Component.js',
  ];
  for (const path of assets) assert.ok(isAsset(path, usual), path);
  for (const path of others) assert.ok(!isAsset(path, usual), path);
  assert.ok(!isAsset('/assets/a.js', []));
  assert.ok(isAsset('/files/a.js', ['/files']) && !isAsset('/filesystem', ['/files']));
  for (const map of ['/app.3f9c2a1b.js.map', '/app.3f9c2a1b.css.gz'])
    assert.ok(isAsset(map, ['hashed']), map);
});
