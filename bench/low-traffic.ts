import { type BenchResult, resultOf } from './bench.ts';
import { type JudgedRollout, judgeRollout } from './judged-rollout.ts';
import { parallelRuns } from './parallel-runs.ts';
import { seededRandom } from './random.ts';
import { productTick, simulateArms } from './simulated-arms.ts';

const runs = 600;
const limitMs = 60 * 60_000;

/** How often 2 % errors are found within an hour where stable has none and only 20 requests a minute go to the candidate. */
export async function bench(): Promise<BenchResult> {
  const seeds = Array.from({ length: runs }, (_, k) => k + 1);
  const outcomes = await parallelRuns<number, JudgedRollout>(new URL(import.meta.url), seeds);
  const minutes = outcomes
    .filter(({ rolledBack }) => rolledBack)
    .map(({ elapsedMs }) => elapsedMs / 60_000)
    .sort((a, b) => a - b);
  const at = (share: number) => minutes[Math.ceil(share * runs) - 1]?.toFixed(1) ?? 'more than 60';
  return resultOf(
    [{ key: 'found', value: minutes.length / runs, relation: '>=', limit: 0.95 }],
    [
      '20 candidate and 380 stable requests a minute, errors 0 → 2 %, 60 minutes',
      `found in ${minutes.length} of ${runs} runs; median ${at(0.5)} min, 95 % within ${at(0.95)} min`,
    ],
  );
}

export function run(seed: number): JudgedRollout {
  const batches = simulateArms(seededRandom(seed, 3), {
    flow: () => ({ candidate: 20 / 60, stable: 380 / 60 }),
    badRate: () => ({ candidate: 0.02, stable: 0 }),
    tick: productTick,
    latency: false,
  });
  return judgeRollout(batches, (_requests, elapsedMs) => elapsedMs >= limitMs - 1000);
}
