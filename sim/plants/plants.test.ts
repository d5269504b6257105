import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findPlant, showsWithoutFaults } from '../find-plant.ts';
import { allPlants } from './all-plants.ts';

const laws = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

/** All of them are looked for by `npm run sim -- --plants`. */
describe('the planted bugs', () => {
  it('are at least three for each law, one of them visible only after a crash or a lost reply', () => {
    for (const law of laws) {
      const against = allPlants.filter((plant) => plant.law === law);
      assert.ok(against.length >= 3, `law ${law} has ${against.length} plants`);
      assert.ok(
        against.some(({ onlyAt }) => onlyAt !== undefined),
        `law ${law} has no plant that a fault brings out`,
      );
    }
    assert.equal(new Set(allPlants.map(({ name }) => name)).size, allPlants.length);
  });

  for (const law of laws) {
    const first = allPlants.find((plant) => plant.law === law);
    it(`are noticed by law ${law}: ${first?.name}`, async () => {
      assert.ok(first !== undefined);
      const { seeds } = await findPlant(first, 30);
      assert.ok(seeds !== null, `not found in 30 seeds: ${first.bug}`);
    });
  }

  it('that a fault brings out break nothing while there are none', async () => {
    for (const plant of allPlants.filter(({ onlyAt }) => onlyAt !== undefined))
      assert.equal(await showsWithoutFaults(plant, 1), false, `${plant.name} shows without a fault`);
  });
});
