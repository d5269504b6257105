import assert from 'node:assert/strict';
import { it } from 'node:test';
import { instance, plainTable } from '../ports/traffic/router-world.ts';
import { checkTable } from './check-table.ts';

const backend = (name: string) => ({
  instance: instance(name),
  generation: 'R-1',
  address: '127.0.0.1:8000',
});
const table = (mirror: unknown) => ({
  ...plainTable('127.0.0.1:8080'),
  stable: [backend('s')],
  candidate: [backend('c')],
  mirror,
});

it('takes a mirror of its own instances, of any share', () => {
  for (const share of [1, 10_000]) {
    const { mirror } = checkTable(table({ backends: [backend('m'), backend('n')], share }));
    assert.equal(mirror?.share, share);
  }
  assert.equal('mirror' in checkTable(plainTable('127.0.0.1:8080')), false);
});

const one = [backend('m')];
const wrong: readonly (readonly [at: string, mirror: unknown])[] = [
  ['mirror', null],
  ['mirror', []],
  ['mirror.share', { backends: one }],
  ['mirror.share', { backends: one, share: 0 }],
  ['mirror.share', { backends: one, share: 10_001 }],
  ['mirror.share', { backends: one, share: 0.5 }],
  ['mirror.share', { backends: one, share: '100' }],
  ['mirror.backends', { share: 100 }],
  ['mirror.backends', { backends: {}, share: 100 }],
  ['mirror.backends[0]', { backends: ['m'], share: 100 }],
  ['mirror.backends[0].generation', { backends: [{ ...backend('m'), generation: 1 }], share: 100 }],
  ['mirror.backends[0].instance', { backends: [backend('s')], share: 100 }],
  ['mirror.backends[0].instance', { backends: [backend('c')], share: 100 }],
  ['mirror.backends[1].instance', { backends: [backend('m'), backend('m')], share: 100 }],
];
for (const [at, mirror] of wrong) {
  it(`refuses a mirror of ${JSON.stringify(mirror)}`, () => {
    assert.throws(() => checkTable(table(mirror)), { code: 'route-table-malformed', details: { at } });
  });
}
