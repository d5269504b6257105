import type { Plant } from './plants/plant.ts';
import { withoutFaults } from './scenario.ts';
import { simulate } from './simulate.ts';

/** A law whose plant is not found in so many seeds is not checked. */
export const seedsPerPlant = 1_000;

export interface PlantFound {
  readonly plant: Plant;
  /** How many seeds it took; null when none of them broke the plant's own law. */
  readonly seeds: number | null;
  /** What its law said. */
  readonly what: string | null;
}

/** Plays seeds with the bug in place until its own law, judged alone, is broken. */
export async function findPlant(plant: Plant, limit: number = seedsPerPlant): Promise<PlantFound> {
  for (let seed = 1; seed <= limit; seed += 1) {
    const { broken } = await simulate(seed, { plant, law: plant.law });
    if (broken !== null) return { plant, seeds: seed, what: broken.what };
  }
  return { plant, seeds: null, what: null };
}

/** Whether its law is broken although no call goes wrong and nothing dies. */
export async function showsWithoutFaults(plant: Plant, seeds: number): Promise<boolean> {
  for (let seed = 1; seed <= seeds; seed += 1) {
    const { broken } = await simulate(seed, { plant, law: plant.law, scenario: withoutFaults });
    if (broken !== null) return true;
  }
  return false;
}
