import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { sleep, systemClock } from '../base/clock.ts';
import { isErrorFacts } from '../base/sluice-error.ts';
import { ensureController } from '../daemon/ensure-controller.ts';
import type { ProjectPlace } from '../daemon/project-place.ts';
import { callController } from '../daemon/socket-client.ts';
import { workPlace } from '../daemon/work-place.ts';
import type { RunStatus, RunWord, WorkflowApi } from '../engine/workflow/workflow-api.ts';
import { type Output, outputOf } from './output.ts';
import { sideOf } from './side-of.ts';
import {
  evidenceText,
  exportedText,
  renewedText,
  runListText,
  runStatusText,
  stepLine,
  waitsText,
} from './workflow-run-text.ts';

interface Common {
  readonly config?: string;
  readonly run?: string;
  readonly json?: boolean;
}

interface RunOptions extends Common {
  readonly bindings?: string;
  readonly workspace?: string;
  readonly side?: string;
  readonly from?: string;
  readonly only?: string;
  readonly dryRun?: boolean;
  readonly detach?: boolean;
}

const lookMs = 100;

export async function runWorkflow(files: readonly string[], options: RunOptions): Promise<void> {
  if (options.dryRun) {
    const { planWorkflow } = await import('./plan-workflow.ts');
    return planWorkflow(files, options);
  }
  const output = outputOf(options);
  const place = placeOf(options);
  const side = sideOf(options.side);
  const { run } = await call(place, 'workflowRun', {
    documents: files.map((file) => resolve(file)),
    bindings: options.bindings === undefined ? null : resolve(options.bindings),
    workspace: resolve(options.workspace ?? '.'),
    side: side ?? null,
    from: options.from ?? null,
    only: options.only ?? null,
  });
  await followed(place, run, options, output);
}

export async function resumeWorkflow(
  asked: string | undefined,
  options: Common & { readonly detach?: boolean; readonly acceptChanges?: boolean },
): Promise<void> {
  const place = placeOf(options);
  const { acceptChanges = false } = options;
  const { run, renewed } = await call(place, 'workflowResume', {
    run: asked ?? options.run ?? null,
    acceptChanges,
  });
  const output = outputOf(options);
  if (renewed) {
    output.say(renewedText(renewed));
    if (output.json) output.answer({ type: 'renewed', run, ...renewed }, '');
  }
  await followed(place, run, options, output);
}

export async function workflowStatus(asked: string | undefined, options: Common): Promise<void> {
  const status = await call(placeOf(options), 'workflowStatus', { run: asked ?? options.run ?? null });
  outputOf(options).answer(status, runStatusText(status));
}

export async function workflowList(options: Common): Promise<void> {
  const runs = await call(placeOf(options), 'workflowRuns', {});
  outputOf(options).answer(runs, runListText(runs));
}

export async function tellRun(options: Common, word: RunWord): Promise<void> {
  const place = placeOf(options);
  const { run, renewed } = await call(place, 'workflowTell', { run: options.run ?? null, said: word });
  const told = renewed ? `${renewedText(renewed)}\n` : '';
  outputOf(options).answer({ run, done: true, renewed }, `${told}${run}: recorded.`);
}

/** That somebody says it is done begins the verification; its outcome is the answer. */
export async function completeStep(
  step: string,
  options: Common & { readonly note?: string; readonly detach?: boolean },
): Promise<void> {
  const place = placeOf(options);
  const output = outputOf(options);
  const word = { type: 'Complete', step, note: options.note ?? null } as const;
  const { run } = await call(place, 'workflowTell', { run: options.run ?? null, said: word });
  for (;;) {
    const { steps } = await call(place, 'workflowStatus', { run });
    const found = steps.find(({ id }) => id === step);
    if (found === undefined) return;
    if (options.detach || (found.status !== 'RUNNING' && found.status !== 'VERIFYING')) {
      output.answer({ run, ...found }, stepLine(found));
      if (!options.detach && found.status !== 'SUCCEEDED') process.exitCode = 1;
      return;
    }
    await sleep(systemClock, lookMs);
  }
}

export async function stepEvidence(step: string, options: Common): Promise<void> {
  const evidence = await call(placeOf(options), 'workflowEvidence', { run: options.run ?? null, step });
  outputOf(options).answer(evidence, evidenceText(evidence));
}

export async function exportState(
  asked: string | undefined,
  options: Common & { readonly tick?: boolean; readonly dryRun?: boolean },
): Promise<void> {
  const { tick = false, dryRun = false } = options;
  const run = asked ?? options.run ?? null;
  const exported = await call(placeOf(options), 'workflowExport', { run, tick, dryRun });
  outputOf(options).answer(exported, exportedText(exported, dryRun));
}

export async function workflowReport(
  asked: string | undefined,
  options: Common & { readonly junit?: boolean; readonly out?: string },
): Promise<void> {
  const format = options.junit === true ? 'junit' : 'markdown';
  const params = { run: asked ?? options.run ?? null, format } as const;
  const report = await call(placeOf(options), 'workflowReport', params);
  if (options.out === undefined) return outputOf(options).answer(report, report.text.trimEnd());
  await mkdir(dirname(resolve(options.out)), { recursive: true });
  await writeFile(options.out, report.text);
  outputOf(options).answer({ run: report.run, path: resolve(options.out) }, `Written to ${options.out}`);
}

function placeOf(options: Common): ProjectPlace {
  return workPlace(process.cwd(), options.config === undefined ? {} : { file: options.config });
}

/** Asks the controller, and starts one where none runs: a run that was under way goes on with it. */
async function call<M extends keyof WorkflowApi>(
  place: ProjectPlace,
  method: M,
  params: Parameters<WorkflowApi[M]>[0],
): Promise<Awaited<ReturnType<WorkflowApi[M]>>> {
  try {
    return (await callController(place.stateDir, method, params as never)) as never;
  } catch (error) {
    if (!isErrorFacts(error) || error.code !== 'controller-unreachable') throw error;
    await ensureController(place);
    return (await callController(place.stateDir, method, params as never)) as never;
  }
}

/** Shows each change of a run until it ends or waits for somebody; the exit code says which. */
async function followed(
  place: ProjectPlace,
  run: string,
  options: { readonly detach?: boolean },
  output: Output,
): Promise<void> {
  const told = new Map<string, string>();
  let since: number | undefined;
  for (let first = true; ; first = false) {
    const status = await call(place, 'workflowStatus', { run, ...(since !== undefined && { since }) });
    if (first) output.say(`${run}: ${status.documents.join(', ')}`);
    tellChanges(status, told, output);
    if (options.detach || status.status !== 'running')
      return conclude(status, output, options.detach === true);
    since = status.version;
    await sleep(systemClock, lookMs);
  }
}

function tellChanges({ run, steps }: RunStatus, told: Map<string, string>, output: Output): void {
  for (const step of steps) {
    const { id, status, attempt, reason } = step;
    if (status === 'PENDING' && reason === null) continue;
    const text = `${status} ${attempt} ${reason ?? ''}`;
    if (told.get(id) === text) continue;
    told.set(id, text);
    output.say(stepLine(step));
    if (output.json) output.answer({ type: 'step', run, id, status, attempt, reason }, '');
  }
}

function conclude(status: RunStatus, output: Output, detached: boolean): void {
  const { run, counts, waitsFor } = status;
  const lines = [
    `${run} ${detached && status.status === 'running' ? 'goes on' : status.status}: ${countsText(counts)}`,
    ...waitsText(waitsFor),
  ];
  output.answer({ type: 'summary', run, status: status.status, counts, waitsFor }, lines.join('\n'));
  if (status.status === 'waiting') process.exitCode = 3;
  else if (status.status === 'failed' || status.status === 'cancelled') process.exitCode = 1;
}

function countsText(counts: RunStatus['counts']): string {
  return Object.entries(counts)
    .map(([status, count]) => `${count} ${status}`)
    .join(', ');
}
