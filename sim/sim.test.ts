import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { simulate } from './simulate.ts';

const seeds = 200;

describe('the simulated world', () => {
  it('gives the same run for the same seed', async () => {
    for (const seed of [1, 4, 7]) {
      const first = await simulate(seed);
      assert.equal((await simulate(seed)).traceHash, first.traceHash);
      assert.notEqual((await simulate(seed + 100)).traceHash, first.traceHash);
    }
  });

  it('breaks no law and brings every rollout to an end, whatever strikes it', async () => {
    const tally = new Map<string, number>();
    for (let seed = 1; seed <= seeds; seed += 1) {
      const { broken, tally: happened } = await simulate(seed);
      const repeat = `npm run sim -- --seed ${seed} --trace`;
      assert.equal(
        broken,
        null,
        `${broken?.law}: ${broken?.what} after ${broken?.atMs} ms; repeat it: ${repeat}`,
      );
      for (const [what, times] of happened) tally.set(what, (tally.get(what) ?? 0) + times);
    }
    // A world in which nothing happens breaks no law either.
    for (const what of [...endings, ...blows]) assert.ok((tally.get(what) ?? 0) > 10, `too few: ${what}`);
  });
});

const endings = ['succeeded', 'rolled-back', 'aborted', 'failed', 'refused'].map((one) => `ended ${one}`);
const blows = [
  'controllers killed',
  'controllers frozen',
  'routers killed',
  'routers that forgot',
  'instances killed',
  'instances sick',
  'reboots',
  'clocks set',
  'artifacts damaged',
];
