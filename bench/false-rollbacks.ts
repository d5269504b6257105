import type { Batch } from '../src/analysis/batch.ts';
import { type BenchResult, resultOf } from './bench.ts';
import { type JudgedRollout, judgeRollout } from './judged-rollout.ts';
import { simulateInstances } from './noisy-instances.ts';
import { parallelRuns } from './parallel-runs.ts';
import { type Random, seededRandom } from './random.ts';
import { simulateArms } from './simulated-arms.ts';

const runs = 2_000;
/** Latencies take ten times the time. */
const noiseRuns = 500;
const candidateRequests = 100_000;
/** 111 candidate requests a second. */
const lengthSeconds = 900;
/** One block a batch: looking less often than the product does leaves the e-values what they are and saves time. */
const batchSeconds = 5;
const weights = [0.05, 0.25, 0.5] as const;
const rates = [0.001, 0.01, 0.05] as const;
const kinds = ['drift', 'bursts', 'noise'] as const;

interface Job {
  readonly seed: number;
  readonly rate: number;
  readonly kind: (typeof kinds)[number];
}

/** How often a candidate that is exactly like stable is taken back, in the worst of seven cases. */
export async function bench(): Promise<BenchResult> {
  const cases = [
    ...rates.flatMap((rate) => (['drift', 'bursts'] as const).map((kind) => ({ rate, kind }))),
    { rate: 0.001, kind: 'noise' as const },
  ];
  const jobs = cases.flatMap((each) =>
    Array.from({ length: each.kind === 'noise' ? noiseRuns : runs }, (_, k) => ({ ...each, seed: k + 1 })),
  );
  const outcomes = await parallelRuns<Job, JudgedRollout>(new URL(import.meta.url), jobs);
  const rows = cases.map((each) => {
    const mine = outcomes.filter((_, k) => jobs[k]?.kind === each.kind && jobs[k]?.rate === each.rate);
    const wrong = mine.filter(({ rolledBack }) => rolledBack);
    return { ...each, of: mine.length, wrong: wrong.length, because: wrong[0]?.reasons[0] };
  });
  return resultOf(
    [
      {
        key: 'rate',
        value: Math.max(...rows.map(({ wrong, of }) => wrong / of)),
        relation: '<=',
        limit: 0.01,
      },
    ],
    [
      `wrong rollbacks of ${runs} healthy rollouts a case (${noiseRuns} with noise), ${candidateRequests} candidate requests each,`,
      `weights 5, 25 and 50 %, a look every ${batchSeconds} s of ${lengthSeconds / 60} minutes; latencies only with noise,`,
      'where 1 candidate and 2 stable instances stall for 50 to 500 ms each 20 s, and sway in speed by 15 %',
      ...rows.map(
        ({ rate, kind, wrong, of, because }) =>
          `errors ${`${rate * 100} %`.padEnd(6)} ${kind.padEnd(7)} ${wrong} wrong (${((100 * wrong) / of).toFixed(2)} %)` +
          (because === undefined ? '' : `, the first because: ${because}`),
      ),
    ],
  );
}

export function run({ seed, rate, kind }: Job): JudgedRollout {
  const random = seededRandom(seed, Math.round(rate * 1e4) * 10 + kinds.indexOf(kind));
  const batches = kind === 'noise' ? noisy(random, rate) : alike(random, rate, kind);
  return judgeRollout(batches, (requests) => requests >= candidateRequests);
}

function alike(random: Random, rate: number, kind: 'drift' | 'bursts'): Iterable<Batch> {
  const level = kind === 'drift' ? drift(random, rate) : bursts(random, rate);
  return simulateArms(random, {
    flow,
    badRate: (second) => {
      const both = level(second);
      return { candidate: both, stable: both };
    },
    tick: () => batchSeconds,
    latency: false,
  });
}

/** Equal instances on machines that they share with others: what slows one of them slows many of its requests at once. */
function noisy(random: Random, badRate: number): Iterable<Batch> {
  return simulateInstances(random, {
    flow,
    badRate,
    instances: { candidate: 1, stable: 2 },
    tickSeconds: batchSeconds,
    noise: {
      stall: { everySeconds: 20, leastMs: 50, mostMs: 500 },
      sway: { deviation: 0.15, seconds: 20 },
    },
  });
}

function flow(second: number): { readonly candidate: number; readonly stable: number } {
  const weight = weights[Math.floor((second / lengthSeconds) * weights.length)] ?? 0.5;
  const candidate = candidateRequests / lengthSeconds;
  return { candidate, stable: (candidate * (1 - weight)) / weight };
}

/** Both arms swing by ±60 % around the rate, one to four times in a rollout. */
function drift(random: Random, rate: number): (second: number) => number {
  const phase = 2 * Math.PI * random();
  const turns = 1 + 3 * random();
  return (second) => rate * (1 + 0.6 * Math.sin(phase + (2 * Math.PI * turns * second) / lengthSeconds));
}

/** Now and then, for half a minute on average, something that both arms need fails: ten times the errors, at most half. */
function bursts(random: Random, rate: number): (second: number) => number {
  let burst = false;
  return () => {
    burst = random() < (burst ? 1 - batchSeconds / 30 : batchSeconds / 300);
    return burst ? Math.min(10 * rate, 0.5) : rate;
  };
}
