import { binaryLogE, observeBinary, startBinary } from '../src/analysis/binary-process.ts';
import { defaultAnalysisSettings as settings } from '../src/analysis/settings.ts';
import { type BenchResult, resultOf } from './bench.ts';
import { judgeRollout } from './judged-rollout.ts';
import { parallelRuns } from './parallel-runs.ts';
import { median } from './quantile.ts';
import { seededRandom } from './random.ts';
import { productTick, simulateArms } from './simulated-arms.ts';
import { twoSampleLimit } from './two-sample-limit.ts';

const runs = 400;
const stablePerCandidate = 19;
/** A run that finds nothing in so many candidate requests counts as this many. */
const most = 50_000;
const cases = [
  { stable: 0.005, candidate: 0.02 },
  { stable: 0.01, candidate: 0.02 },
  { stable: 0.001, candidate: 0.01 },
  { stable: 0.01, candidate: 0.05 },
] as const;

interface Job {
  readonly seed: number;
  readonly stable: number;
  readonly candidate: number;
}

/** Candidate requests until ln E ≥ ln(1/α). */
interface Needed {
  readonly errors: number;
  readonly verdict: number;
}

/** Median candidate requests until rollback over the two-sample limit, for the errors process and the whole verdict. */
export async function bench(): Promise<BenchResult> {
  const jobs = Array.from({ length: runs }, (_, k) =>
    cases.map((rates) => ({ ...rates, seed: k + 1 })),
  ).flat();
  const found = await parallelRuns<Job, Needed>(new URL(import.meta.url), jobs);
  const rows = cases.map((rates, k) => {
    const mine = found.filter((_, index) => index % cases.length === k);
    const limit = twoSampleLimit({
      alpha: settings.alpha,
      candidateRate: rates.candidate,
      stableRate: rates.stable,
      stablePerCandidate,
    });
    return {
      ...rates,
      limit,
      errors: median(mine.map(({ errors }) => errors)),
      verdict: median(mine.map(({ verdict }) => verdict)),
    };
  });
  return resultOf(
    [
      {
        key: 'errorsRatio',
        value: mean(rows.map(({ errors, limit }) => errors / limit)),
        relation: '<=',
        limit: 1.5,
      },
      {
        key: 'verdictRatio',
        value: mean(rows.map(({ verdict, limit }) => verdict / limit)),
        relation: '<=',
        limit: 1.75,
      },
    ],
    [
      `candidate requests until rollback, median of ${runs} runs, 600 a minute at 5 % weight, alpha ${settings.alpha}`,
      'errors          limit   errors process       whole verdict',
      ...rows.map(
        ({ stable, candidate, limit, errors, verdict }) =>
          `${`${percent(stable)} → ${percent(candidate)} %`.padEnd(14)}${limit.toFixed(0).padStart(7)}` +
          [errors, verdict]
            .map((n) => `${String(n).padStart(9)} = ${(n / limit).toFixed(2)} ×`.padEnd(20))
            .join(''),
      ),
    ],
  );
}

export function run({ seed, ...rates }: Job): Needed {
  return { errors: errorsAlone(seed, rates), verdict: wholeVerdict(seed, rates) };
}

type Rates = Omit<Job, 'seed'>;

function traffic(seed: number, rates: Rates) {
  return simulateArms(seededRandom(seed, rates.candidate * 1e6 + rates.stable * 1e4), {
    flow: () => ({ candidate: 10, stable: 10 * stablePerCandidate }),
    badRate: () => rates,
    tick: productTick,
    latency: true,
  });
}

function wholeVerdict(seed: number, rates: Rates): number {
  return judgeRollout(traffic(seed, rates), (requests) => requests >= most).candidateRequests;
}

/** The errors process by itself, as the verdict runs it. */
function errorsAlone(seed: number, rates: Rates): number {
  const onset = { horizon: settings.horizonBlocks, first: 0.5, spread: 0.4 };
  let state = startBinary('harm');
  let [requests, block, firstMs] = [0, -1, Number.NaN];
  for (const { atMs, candidate, stable } of traffic(seed, rates)) {
    if (Number.isNaN(firstMs)) firstMs = atMs;
    const now = Math.floor((atMs - firstMs) / settings.blockMs);
    requests += candidate.requests;
    const batch = { n: candidate.requests, x: candidate.bad, m: stable.requests, y: stable.bad };
    state = observeBinary(state, batch, now > block, { r: 1, d: 0, direction: 'harm', onset });
    block = now;
    if (binaryLogE(state, 'harm') >= -Math.log(settings.alpha) || requests >= most) break;
  }
  return requests;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function percent(rate: number): string {
  return String(Number((rate * 100).toPrecision(3)));
}
