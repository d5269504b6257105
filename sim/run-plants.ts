import { findPlant, type PlantFound, seedsPerPlant, showsWithoutFaults } from './find-plant.ts';
import { allPlants } from './plants/all-plants.ts';
import type { Plant } from './plants/plant.ts';

const calmSeeds = 10;

/** Looks for every planted bug; the exit code. A law that does not notice each of its plants is not checked. */
export async function runPlants({ json }: { readonly json: boolean }): Promise<number> {
  const found: PlantFound[] = [];
  const early: Plant[] = [];
  for (const plant of allPlants) {
    const result = await findPlant(plant);
    found.push(result);
    const shown = plant.onlyAt !== undefined && (await showsWithoutFaults(plant, calmSeeds));
    if (shown) early.push(plant);
    process.stdout.write(`${json ? jsonLine(result, shown) : line(result, shown)}\n`);
  }
  const laws = new Set(allPlants.map(({ law }) => law)).size;
  const seeds = found.flatMap((one) => one.seeds ?? []);
  const worstSeeds = seeds.length < found.length ? null : Math.max(...seeds);
  const facts = { laws, plants: found.length, found: seeds.length, worstSeeds };
  if (json) process.stdout.write(`${JSON.stringify({ type: 'plants', ...facts })}\n`);
  else process.stdout.write(`${seeds.length} of ${found.length} planted bugs of ${laws} laws were found.\n`);
  return seeds.length === found.length && early.length === 0 ? 0 : 1;
}

function jsonLine({ plant, seeds, what }: PlantFound, shown: boolean): string {
  const { law, name, onlyAt } = plant;
  return JSON.stringify({
    type: 'plant',
    law,
    name,
    onlyAt: onlyAt ?? null,
    seeds,
    what,
    showsWithoutFaults: shown,
  });
}

function line({ plant: { law, name, bug, onlyAt }, seeds, what }: PlantFound, shown: boolean): string {
  const took = seeds === null ? `not found in ${seedsPerPlant} seeds` : `${seeds} seeds`;
  return [
    `${String(law).padStart(2)}  ${name}: ${took}`,
    `      ${bug}`,
    ...(onlyAt === undefined ? [] : [`      Only after a crash or a lost reply at ${onlyAt}.`]),
    ...(shown ? ['      It shows without any fault too: that is not what it is for.'] : []),
    ...(what === null ? [] : [`      ${what}`]),
  ].join('\n');
}
