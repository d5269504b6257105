import { Coverage, type Met } from '../sim/coverage.ts';
import { simulate } from '../sim/simulate.ts';

/** What one process of the bench `simulator` came to. */
export interface SeedsShare {
  readonly met: Met;
  /** Seeds that broke a law. */
  readonly failed: readonly number[];
  /** Of all threads of the process, its start included. */
  readonly cpuSeconds: number;
}

const [from = 1, step = 1, budgetMs = 1_000] = process.argv.slice(2).map(Number);
process.stdout.write(JSON.stringify(await play()));

/** Every `step`th seed, until the time is over. */
async function play(): Promise<SeedsShare> {
  const coverage = new Coverage();
  const failed: number[] = [];
  for (let seed = from; performance.now() < budgetMs; seed += step) {
    const { broken, tally } = await simulate(seed);
    coverage.add(tally);
    if (broken !== null) failed.push(seed);
  }
  const { user, system } = process.cpuUsage();
  return { met: coverage.met(), failed, cpuSeconds: (user + system) / 1_000_000 };
}
