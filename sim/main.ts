import { parseArgs } from 'node:util';
import { runPlants } from './run-plants.ts';
import { runSeed, runSeeds } from './run-seeds.ts';

const usage = `npm run sim -- [--seeds N] [--from S] [--keep-going] [--json]
npm run sim -- --seed S [--trace | --journal] [--json]
npm run sim -- --plants [--json]`;

process.exitCode = await main(process.argv.slice(2));

/** Exit code 0 when no law was broken, 1 when one was, 2 when the arguments cannot be understood. */
async function main(args: readonly string[]): Promise<number> {
  const asked = read(args);
  if (asked === null) return 2;
  const { json, trace, journal, plants, help } = asked;
  if (help) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  if (plants) return runPlants({ json });
  if (asked.seed !== null) return runSeed(asked.seed, { json, trace, journal });
  return runSeeds({ from: asked.from, count: asked.seeds, keepGoing: asked['keep-going'], json });
}

/** Null where something is wrong with them, which is told. */
function read(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        seeds: { type: 'string', default: '1000' },
        from: { type: 'string', default: '1' },
        seed: { type: 'string' },
        'keep-going': { type: 'boolean', default: false },
        trace: { type: 'boolean', default: false },
        journal: { type: 'boolean', default: false },
        plants: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    return {
      ...values,
      seeds: whole(values.seeds, 'number of seeds', 1),
      from: whole(values.from, 'seed', 0),
      seed: values.seed === undefined ? null : whole(values.seed, 'seed', 0),
    };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\nUse:\n${usage}\n`);
    return null;
  }
}

function whole(text: string, what: string, least: number): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(number) && number >= least) return number;
  throw new Error(`"${text}" is no ${what}.`);
}
