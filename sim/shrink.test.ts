import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { allPlants } from './plants/all-plants.ts';
import { shrink } from './shrink.ts';
import { type SeedOptions, type SeedResult, simulate } from './simulate.ts';

describe('a failing seed', () => {
  it('is shrunk to what the law is broken by, and tells it as a story', async () => {
    const plant = allPlants.find(({ name }) => name === 'queue-jumps-the-incident');
    assert.ok(plant !== undefined);
    const options = { plant, law: plant.law };
    const failing = await firstFailing(options);
    const { only, result } = await shrink(failing, options);
    assert.equal(result.broken?.law, failing.broken?.law);
    assert.ok(only.length < failing.struck.length / 3, `${failing.struck.length} became ${only.length}`);
    for (const name of only) {
      const { broken } = await simulate(failing.seed, {
        ...options,
        only: only.filter((one) => one !== name),
      });
      assert.equal(broken, null, `${name} is not needed`);
    }
    const story: string[] = [];
    await simulate(failing.seed, { ...options, only, narrate: (line) => story.push(line) });
    const told = story.join('\n');
    const sentences = [/ada asks: deploy U-0/, /R-1 begins: U-0/, /incident .* is opened/, /BROKEN 8: .*$/];
    for (const sentence of sentences) assert.match(told, sentence);
  });
});

async function firstFailing(options: SeedOptions): Promise<SeedResult> {
  for (let seed = 1; ; seed += 1) {
    const result = await simulate(seed, options);
    if (result.broken !== null) return result;
  }
}
