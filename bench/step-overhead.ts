import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type BenchResult, resultOf } from './bench.ts';
import { median, quantile } from './quantile.ts';
import { stepCommand, WorkflowProject } from './workflow-project.ts';

const rounds = 12;
const size = { tasks: 1, subtasksEach: 4, stepsEach: 10 } as const;
const limitMs = 60_000;

/** Time of a step in the controller beyond that of its command in a bare loop: the two in turns, step by step in pairs. */
export async function bench(): Promise<BenchResult> {
  const project = await WorkflowProject.make(size);
  const pairs: Pair[] = [];
  try {
    // The first round warms both up.
    for (let round = 0; round <= rounds; round += 1) {
      const inSluice = await stepsOfRun(project);
      const bare = await stepsOfLoop(project);
      if (round === 0) continue;
      pairs.push(...inSluice.map((ms, index) => ({ inSluice: ms, bare: bare[index] ?? Number.NaN })));
    }
  } finally {
    await project.close();
  }
  const medianMs = median(pairs.map(({ inSluice, bare }) => inSluice - bare));
  return resultOf(
    [{ key: 'medianMs', value: medianMs, relation: '<=', limit: 5 }],
    [
      `${pairs.length} steps of three criteria each, through the command line's controller with its journal on disk`,
      lineOf(
        'in Sluice',
        pairs.map(({ inSluice }) => inSluice),
      ),
      lineOf(
        'bare loop',
        pairs.map(({ bare }) => bare),
      ),
      lineOf(
        'beyond it',
        pairs.map(({ inSluice, bare }) => inSluice - bare),
      ),
    ],
  );
}

interface Pair {
  readonly inSluice: number;
  readonly bare: number;
}

/** From the beginning of a step to that of the next, ms: what the journal says, with everything in between. */
async function stepsOfRun(project: WorkflowProject): Promise<readonly number[]> {
  const { steps, endedAt } = await project.succeeded(await project.begin(), limitMs);
  const begun = [...steps.map(({ startedAt }) => startedAt), endedAt].map(Number);
  return steps.map((_, index) => (begun[index + 1] ?? Number.NaN) - (begun[index] ?? Number.NaN));
}

/** The same commands by the same shell, one after the other; their output is read. */
async function stepsOfLoop(project: WorkflowProject): Promise<readonly number[]> {
  const times: number[] = [];
  for (const step of project.steps) {
    const begun = performance.now();
    const child = spawn('/bin/sh', ['-c', stepCommand], {
      cwd: project.root,
      env: { ...process.env, SLUICE_STEP: step },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.resume();
    child.stderr.resume();
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) throw new Error(`${step} ended with ${code}`);
    times.push(performance.now() - begun);
  }
  return times;
}

function lineOf(what: string, times: readonly number[]): string {
  const [half, most] = [median(times), quantile(times, 0.9)];
  return `${what}: median ${half.toFixed(1)} ms, nine of ten within ${most.toFixed(1)} ms`;
}
