import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Coverage } from '../sim/coverage.ts';
import { type BenchResult, resultOf } from './bench.ts';
import type { SeedsShare } from './simulated-seeds.ts';

const budgetMs = 300_000;

/** Seeds for five minutes on every core, each core with seeds of its own. */
export async function bench(): Promise<BenchResult> {
  const cores = availableParallelism();
  const shares = await Promise.all(Array.from({ length: cores }, (_, core) => play(1 + core, cores)));
  const coverage = Coverage.of(shares.map(({ met }) => met));
  const failed = shares.flatMap((share) => share.failed);
  const cpuSeconds = shares.reduce((all, share) => all + share.cpuSeconds, 0);
  const [rarest, share] = coverage.rarest;
  return resultOf(
    [
      { key: 'rolloutsPerSecond', value: coverage.rollouts / cpuSeconds, relation: '>=', limit: 50 },
      { key: 'seeds', value: coverage.seeds, relation: '>=', limit: 1 },
      { key: 'failed', value: failed.length, relation: '<=', limit: 0 },
      { key: 'coverageMin', value: coverage.min, relation: '>=', limit: 0.01 },
    ],
    [
      `${coverage.rollouts} rollouts in ${coverage.seeds} seeds, ${budgetMs / 1_000} s on ${cores} cores, of which ${cpuSeconds.toFixed(0)} s of processor time`,
      `rarest: ${rarest}, in ${(100 * share).toFixed(1)} % of the seeds`,
      ...failed.map((seed) => `a law was broken: npm run sim -- --seed ${seed}`),
    ],
  );
}

/** In a process of its own, so that the processor time is that of the seeds alone. */
async function play(from: number, step: number): Promise<SeedsShare> {
  const entry = join(import.meta.dirname, 'simulated-seeds.ts');
  const args = [entry, `${from}`, `${step}`, `${budgetMs}`];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout) as SeedsShare;
}
