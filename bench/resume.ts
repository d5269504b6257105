import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BenchResult, resultOf } from './bench.ts';
import { rssKb } from './process-figures.ts';
import { median } from './quantile.ts';
import { writeHalfDone } from './workflow-half-done.ts';
import { WorkflowProject } from './workflow-project.ts';

const size = { tasks: 20, subtasksEach: 10, stepsEach: 50 } as const;
const run = 'W-bench';
/** Steps that are done for real before the controller is killed, and again before the bench ends. */
const realSteps = 50;
const limitMs = 120_000;
const rounds = 3;

/** A run of 10,000 steps whose controller is killed in the middle: how soon it goes on, and whether anything is done twice. */
export async function bench(): Promise<BenchResult> {
  const project = await WorkflowProject.make(size, '; echo "$SLUICE_STEP" >> done.log');
  try {
    const half = project.steps.length / 2;
    const filling = performance.now();
    await writeHalfDone(project, run, half);
    const filledMs = performance.now() - filling;
    await writeFile(join(project.root, 'done.log'), project.steps.slice(0, half).join('\n').concat('\n'));
    const resumed: Resumed[] = [];
    for (let round = 0; round <= rounds; round += 1) resumed.push(await goOn(project));
    // The first one follows no kill.
    const after = resumed.slice(1);
    const steps = await doneSteps(project);
    const resumeMs = median(after.map((one) => one.resumeMs));
    return resultOf(
      [
        { key: 'resumeMs', value: resumeMs, relation: '<=', limit: 2_000 },
        { key: 'repeated', value: steps.length - new Set(steps).size, relation: '<=', limit: 0 },
        { key: 'rssMb', value: Math.max(...after.map(({ rssMb }) => rssMb)), relation: '<=', limit: 300 },
      ],
      [
        `${project.steps.length} steps; the first ${half} were written into the journal by the rules of runs, in ${(filledMs / 1_000).toFixed(1)} s`,
        `killed ${after.length} times: gone on after ${after.map((one) => one.resumeMs.toFixed(0)).join(', ')} ms, command line and start of the controller included`,
        `${steps.length - half} steps done for real, one in ${median(after.map(({ stepMs }) => stepMs)).toFixed(0)} ms`,
      ],
    );
  } finally {
    await project.close();
  }
}

interface Resumed {
  readonly resumeMs: number;
  readonly stepMs: number;
  readonly rssMb: number;
}

/** Resumes, waits for some steps, and kills the controller in the middle of one. */
async function goOn(project: WorkflowProject): Promise<Resumed> {
  const before = (await doneSteps(project)).length;
  const begun = performance.now();
  const [, firstAt] = await Promise.all([project.resume(run), untilDone(project, before + 1)]);
  const lastAt = await untilDone(project, before + realSteps);
  const pid = await project.controllerPid();
  const rssMb = (await rssKb(pid)) / 1_024;
  process.kill(pid, 'SIGKILL');
  // What was under way ends by itself, so that the next step that shows is one that was begun after the kill.
  await sleep(500);
  return { resumeMs: firstAt - begun, stepMs: (lastAt - firstAt) / (realSteps - 1), rssMb };
}

/** Resolves with the moment at which so many steps had begun, by what their commands write. */
async function untilDone(project: WorkflowProject, steps: number): Promise<number> {
  for (const limit = performance.now() + limitMs; performance.now() < limit; await sleep(5)) {
    if ((await doneSteps(project)).length >= steps) return performance.now();
  }
  throw new Error(`step ${steps} is not done after ${limitMs} ms`);
}

async function doneSteps({ root }: WorkflowProject): Promise<readonly string[]> {
  return (await readFile(join(root, 'done.log'), 'utf8')).trim().split('\n');
}
