import { setTimeout as sleep } from 'node:timers/promises';
import { runningProcesses } from '../src/daemon/running-processes.ts';
import { type BenchResult, resultOf } from './bench.ts';
import { cpuMs, pssKb } from './process-figures.ts';
import { ServedProject } from './served-project.ts';

const idleMs = 60_000;
/** What the start left behind (compiling, collecting garbage) is no part of doing nothing. */
const settleMs = 15_000;

/** Controller and router with one stable release of two instances and default probes, and nobody who asks for anything. */
export async function bench(): Promise<BenchResult> {
  const project = await ServedProject.make({ replicas: 2, soak: '0s' }, {});
  try {
    await project.add('U-1', 0);
    await project.begin('U-1');
    await sleep(settleMs);
    const { controller, router } = await runningProcesses(project.stateDir);
    if (controller === null || router === null) throw new Error('controller and router do not both run');
    const pids = [controller, router];
    const before = await Promise.all(pids.map(cpuMs));
    const begun = performance.now();
    await sleep(idleMs);
    const after = await Promise.all(pids.map(cpuMs));
    const tookMs = performance.now() - begun;
    const percent = pids.map((_, index) => (100 * ((after[index] ?? 0) - (before[index] ?? 0))) / tookMs);
    const memory = (await Promise.all(pids.map(pssKb))).map((kb) => kb / 1_024);
    return resultOf(
      [
        { key: 'cpuPercent', value: sum(percent), relation: '<=', limit: 0.5 },
        { key: 'pssMb', value: sum(memory), relation: '<=', limit: 200 },
      ],
      [
        `${Math.round(tookMs / 1_000)} s, two instances, default probes; of one core`,
        ...['controller', 'router'].map(
          (name, index) => `${name}: ${percent[index]?.toFixed(2)} %, ${memory[index]?.toFixed(1)} MB`,
        ),
      ],
    );
  } finally {
    await project.close();
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
