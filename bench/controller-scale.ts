import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type BenchResult, resultOf } from './bench.ts';
import type { ManyRollouts } from './many-rollouts.ts';
import { median } from './quantile.ts';

const rollouts = 1_000;
const finished = 10_000;
const many = 10_000;
/** A machine is never as quick as a minute ago: each is run so often, in turns. */
const times = 3;
const longestMs = 900_000;

/** A thousand rollouts at once in one controller, the same with ten thousand that have ended, and ten thousand at once. */
export async function bench(): Promise<BenchResult> {
  const fews: ManyRollouts[] = [];
  const afters: ManyRollouts[] = [];
  for (let time = 0; time < times; time += 1) {
    fews.push(await run(rollouts, 1));
    afters.push(await run(rollouts, 1 + finished / rollouts));
  }
  const few = told(fews);
  const after = told(afters);
  const at10k = await run(many, 1).catch(reasonOf);
  const result = resultOf(
    [
      { key: 'delayP99Ms', value: few.delayP99Ms, relation: '<=', limit: 100 },
      { key: 'rssMb', value: few.rssMb, relation: '<=', limit: 400 },
      { key: 'finishedCpuRatio', value: after.cpuPercent / few.cpuPercent, relation: '<=', limit: 1.1 },
      { key: 'finishedRssRatio', value: after.rssMb / few.rssMb, relation: '<=', limit: 1.1 },
    ],
    [
      lineOf('at once', few),
      lineOf(`after ${finished} more that have ended`, after),
      ...(typeof at10k === 'string' ? [`at10k: ${at10k}`] : [lineOf('at10k', at10k)]),
      'at10k is limited by one core: measuring slows down to a thousand batches a second, each of which is judged, folded, hashed and written',
    ],
  );
  return {
    ...result,
    figures: { ...result.figures, at10k: typeof at10k === 'string' ? null : printed(at10k) },
  };
}

/** The median of each figure by itself; of the CPU the least, because what else a machine does only adds to it. */
function told(runs: readonly ManyRollouts[]): ManyRollouts {
  const keys = Object.keys(runs[0] ?? {}) as (keyof ManyRollouts)[];
  const medians = keys.map((key) => [key, median(runs.map((one) => one[key]))]);
  const cpuPercent = Math.min(...runs.map((one) => one.cpuPercent));
  return { ...(Object.fromEntries(medians) as ManyRollouts), cpuPercent };
}

function printed({ delayP99Ms, rssMb, tickMs, cpuPercent }: ManyRollouts): Readonly<Record<string, number>> {
  return { delayP99Ms, rssMb, tickMs, cpuPercent };
}

function lineOf(what: string, one: ManyRollouts): string {
  const { delayP50Ms, delayP99Ms, tickMs, batchesPerSecond, cpuPercent, waitedPercent, rssMb } = one;
  return [
    `${what}: ${one.rollouts} rollouts, decided ${delayP50Ms.toFixed(0)} ms (p99 ${delayP99Ms.toFixed(0)} ms) after they were due`,
    `one batch of each in ${tickMs.toFixed(0)} ms (${batchesPerSecond.toFixed(0)} a second)`,
    `${cpuPercent.toFixed(0)} % of a core, and ready for ${waitedPercent.toFixed(0)} % of the time while others had it`,
    `${rssMb.toFixed(0)} MB`,
    `all begun in ${(one.startMs / 1_000).toFixed(1)} s`,
    ...(one.untold === 0 ? [] : [`${one.untold} events still to be told by the outbox`]),
  ].join('; ');
}

/** The error that the process ended with, without its stack. */
function reasonOf(error: unknown): string {
  if (error instanceof Error && 'killed' in error && error.killed)
    return `no end after ${longestMs / 60_000} minutes`;
  const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
  return /^\w*Error: .*$/m.exec(stderr)?.[0] ?? stderr.trim().split('\n').at(-1) ?? 'it failed';
}

/** In a process of its own, so that what it has in memory is its own. */
async function run(atOnce: number, each: number): Promise<ManyRollouts> {
  const entry = join(import.meta.dirname, 'many-rollouts.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [entry, `${atOnce}`, `${each}`], {
    timeout: longestMs,
  });
  return JSON.parse(stdout) as ManyRollouts;
}
