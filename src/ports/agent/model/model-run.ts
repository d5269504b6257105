import type { Clock } from '../../../base/clock.ts';
import { errorFacts } from '../../../base/sluice-error.ts';
import type { AgentOutcome, AgentRun } from '../port.ts';
import { connectModel, type ModelReach } from './ask-model.ts';
import { Budget } from './budget.ts';
import { converse, type Ending } from './converse.ts';
import { fileTools } from './file-tools.ts';
import { instructionsFor } from './instructions.ts';
import {
  concernTool,
  getTaskName,
  type ModelSurroundings,
  outsideTools,
  setTaskStatusName,
  webSearchName,
} from './outside-tools.ts';
import { type RunCommand, terminalTool } from './terminal-tool.ts';
import type { ModelTool } from './tool.ts';
import { Words } from './words.ts';
import { WorkspaceFiles } from './workspace-files.ts';

export interface ModelRun {
  readonly run: AgentRun;
  readonly reach: ModelReach;
  /** Of the endpoint; null: none is sent. */
  readonly key: string | null;
  readonly stateDir: string;
  readonly clock: Clock;
  readonly surroundings: ModelSurroundings;
  /** Runs a command of the model's, confined. */
  readonly terminal: RunCommand;
  /** Aborted when it is cancelled. */
  readonly signal: AbortSignal;
}

/** Has a model do a step with the tools that it may use. Rejects only when it was cancelled. */
export async function runModel(order: ModelRun): Promise<AgentOutcome> {
  const { run, reach, clock, signal } = order;
  const startedMs = clock.monotonicMs();
  const deadline = new AbortController();
  const cancelDeadline = clock.after(run.timeoutMs, () => deadline.abort());
  const [budget, words, concerns] = [new Budget(reach), new Words(), [] as string[]];
  const ending = await talk(order, {
    ...{ budget, words, concerns },
    signal: AbortSignal.any([signal, deadline.signal]),
  })
    .catch((error: unknown) => {
      if (signal.aborted) throw error;
      return deadline.signal.aborted ? lateAfter(run.timeoutMs) : failedBy(error);
    })
    .finally(cancelDeadline);
  return {
    ...ending,
    exitCode: null,
    words: words.tail,
    durationMs: Math.round(clock.monotonicMs() - startedMs),
    usage: budget.spent,
    concerns,
  };
}

interface Notes {
  readonly budget: Budget;
  readonly words: Words;
  readonly concerns: string[];
  readonly signal: AbortSignal;
}

async function talk(order: ModelRun, { concerns, ...notes }: Notes): Promise<Ending> {
  const { run, reach, key, clock } = order;
  const files = await WorkspaceFiles.open({ ...run, stateDir: order.stateDir });
  const tools = permitted(order, files, concerns);
  const absent = absentTools(run.tools, tools);
  return converse({
    ...{ ask: await connectModel(reach, key, clock), tools, absent, clock, brief: run.brief, ...notes },
    instructions: instructionsFor(run, tools, [...absent.values()]),
  });
}

/** Exactly those that the run names; a concern may always be raised. */
function permitted(order: ModelRun, files: WorkspaceFiles, concerns: string[]): readonly ModelTool[] {
  const known = [
    ...fileTools(files),
    terminalTool(order.terminal),
    ...outsideTools(order.run.id, order.surroundings),
  ];
  const raise = concernTool((text) => concerns.push(text));
  return [...known.filter(({ name }) => order.run.tools.includes(name)), raise];
}

/** Permitted, known, and answered by nobody here; with what the model is told about each. */
function absentTools(asked: readonly string[], tools: readonly ModelTool[]): ReadonlyMap<string, string> {
  const names = [webSearchName, getTaskName, setTaskStatusName].filter(
    (name) => asked.includes(name) && !tools.some((tool) => tool.name === name),
  );
  const why = 'is permitted, but nothing here performs it: do without it, or raise a concern.';
  return new Map(names.map((name) => [name, `${name} ${why}`]));
}

function lateAfter(timeoutMs: number): Ending {
  return { ended: 'timed-out', reason: `It had not ended after ${Math.round(timeoutMs / 1_000)} s.` };
}

function failedBy(error: unknown): Ending {
  const { statusCode } = (error ?? {}) as { statusCode?: number };
  const status = statusCode === undefined ? '' : ` (status ${statusCode})`;
  return {
    ended: 'failed',
    reason: `It could not go on${status}: ${errorFacts(error).message.slice(0, 500)}`,
  };
}
