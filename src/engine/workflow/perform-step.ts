import { mkdir } from 'node:fs/promises';
import { SluiceError } from '../../base/sluice-error.ts';
import type { AgentOutcome, AgentReach } from '../../ports/agent/port.ts';
import type { CommandOutcome } from '../../ports/command/port.ts';
import { briefOf } from '../../workflow/brief/brief.ts';
import type { AgentVia, Executor } from '../../workflow/plan/executor.ts';
import type { Performed } from '../../workflow/run/judgement.ts';
import { indexOf } from '../../workflow/run/plan-index.ts';
import type { WorkflowRun } from '../../workflow/run/state.ts';
import type { Attempt } from './attempt.ts';
import type { ProtectedPaths } from './protected-paths.ts';
import { RunFiles } from './run-files.ts';
import { spentOf } from './spent.ts';
import type { WorkflowParts } from './workflow-parts.ts';

/** How much of what was printed an event carries; the log has all of it. */
const excerptChars = 2_000;

/** How an attempt went, and all that was printed, as the log has it. */
export interface Attempted {
  readonly performed: Performed;
  readonly output: string;
}

/**
 * Has one attempt of a step done by whoever is bound to it, and tells how it went. Called again for the same attempt after a
 * crash it joins what still runs, or finds how that ended; nothing is begun twice.
 */
export async function performStep(
  parts: WorkflowParts,
  attempt: Attempt,
  guarded: ProtectedPaths,
): Promise<Attempted> {
  const { executor } = attempt.node;
  switch (executor?.kind) {
    case 'run':
      return runCommand(parts, attempt, guarded, executor);
    case 'sluice':
      return runCapability(parts, attempt, executor);
    case 'agent':
      return runAgent(parts, attempt, guarded, executor);
    default:
      throw new SluiceError({
        code: 'executor-outside',
        message: `${attempt.node.id} is done by somebody outside.`,
        remedy: 'It waits until that one says that it is done.',
      });
  }
}

function idOf({ run, node, attempt }: Attempt): string {
  return `workflow-${run.run}-${node.id}-${attempt}`;
}

async function runCommand(
  parts: WorkflowParts,
  attempt: Attempt,
  guarded: ProtectedPaths,
  { run, env }: Extract<Executor, { kind: 'run' }>,
): Promise<Attempted> {
  const { node, signal } = attempt;
  const id = idOf(attempt);
  if (!node.tools.includes('run_terminal_cmd')) return refused(`${node.id} may not run commands`);
  const end = () => void parts.commands.cancel(id).catch((error: unknown) => parts.log(String(error)));
  signal.addEventListener('abort', end, { once: true });
  try {
    await guarded.begin(attempt.run, node, attempt.attempt);
    const spec = { run, timeoutMs: node.timeoutMs, env };
    const told = { SLUICE_RUN: attempt.run.run, SLUICE_STEP: node.id };
    const outcome = await parts.commands.run({ id, spec, directory: attempt.run.workspace, env: told });
    const { output, exitCode, durationMs } = outcome;
    const log = await keepLog(parts, attempt, output);
    const performed: Performed = {
      ended: endingOf(outcome),
      exitCode,
      excerpt: output.slice(-excerptChars),
      log,
      durationMs,
      usage: null,
      tampered: await guarded.changed(attempt.run),
    };
    return { performed, output };
  } finally {
    signal.removeEventListener('abort', end);
  }
}

function endingOf({ exitCode, timedOut, lost }: CommandOutcome): Performed['ended'] {
  if (timedOut) return 'timed-out';
  if (lost) return 'lost';
  return exitCode === 0 ? 'done' : 'failed';
}

async function runCapability(
  parts: WorkflowParts,
  attempt: Attempt,
  { capability, with: given }: Extract<Executor, { kind: 'sluice' }>,
): Promise<Attempted> {
  const found = parts.capabilities.get(capability);
  if (found === undefined) {
    const known = [...parts.capabilities.keys()].join(', ');
    return refused(`Sluice has no capability "${capability}"; it has ${known}`);
  }
  const startedAt = parts.clock.monotonicMs();
  const { startedBy: by } = attempt.run;
  const { ok, output } = await found
    .perform(given, { id: idOf(attempt), by, signal: attempt.signal })
    .catch((error: unknown) => {
      if (!(error instanceof SluiceError)) throw error;
      return { ok: false, output: `${error.message} ${error.remedy}` };
    });
  const performed: Performed = {
    ended: ok ? 'done' : 'failed',
    exitCode: ok ? 0 : 1,
    excerpt: output.slice(-excerptChars),
    log: await keepLog(parts, attempt, output),
    durationMs: Math.round(parts.clock.monotonicMs() - startedAt),
    usage: null,
    tampered: [],
  };
  return { performed, output };
}

async function runAgent(
  parts: WorkflowParts,
  attempt: Attempt,
  guarded: ProtectedPaths,
  { handle, via }: Extract<Executor, { kind: 'agent' }>,
): Promise<Attempted> {
  const { run, node, signal } = attempt;
  const { plan } = run;
  if (plan === null || via.kind === 'mcp') throw new Error('an agent that asks for its work is not called');
  const id = idOf(attempt);
  const files = new RunFiles(parts.stateDir, run.run);
  await guarded.begin(run, node, attempt.attempt);
  const scratch = files.absolute(files.pathOf('scratch'));
  await mkdir(scratch, { recursive: true, mode: 0o700 });
  const end = () => void parts.agents.cancel(id).catch((error: unknown) => parts.log(String(error)));
  signal.addEventListener('abort', end, { once: true });
  try {
    const outcome = await parts.agents.run({
      id,
      reach: reachOf(via, run),
      brief: briefOf(run, node, handle),
      workspace: run.workspace,
      scratch,
      tools: node.tools,
      protectedPaths: plan.protectedPaths,
      unconfined: node.unconfined,
      timeoutMs: node.timeoutMs,
    });
    await raise(attempt, handle, outcome, parts.clock.now());
    const log = await keepLog(parts, attempt, outcome.words);
    const performed = agentPerformed(outcome, log, await guarded.changed(run));
    return { performed, output: outcome.words };
  } finally {
    signal.removeEventListener('abort', end);
  }
}

function reachOf(via: Exclude<AgentVia, { kind: 'mcp' }>, run: WorkflowRun): AgentReach {
  if (via.kind === 'command') return via;
  const { model } = via;
  const spent = spentOf(run);
  const tokens = Math.max(0, Math.min(model.maxTokensPerStep, model.maxTokensPerRun - spent.tokens));
  const ceilings = [
    ...(model.maxCostPerStep === null ? [] : [model.maxCostPerStep]),
    ...(model.maxCostPerRun === null ? [] : [model.maxCostPerRun - spent.dollars]),
  ];
  const dollars = ceilings.length === 0 ? null : Math.max(0, Math.min(...ceilings));
  return { kind: 'model', model, budget: { tokens, dollars } };
}

/** Its concerns are on record whatever became of the step. */
async function raise(
  { run, node, attempt, tell }: Attempt,
  handle: string,
  { concerns }: AgentOutcome,
  at: number,
): Promise<void> {
  const group = run.plan === null ? undefined : indexOf(run.plan).groups.get(node.group);
  for (const [index, text] of concerns.entries()) {
    const concern = `${node.id}-${attempt}-${index + 1}`;
    if (run.concerns.some(({ id }) => id === concern)) continue;
    const owner = group?.failure.to ?? null;
    await tell({ type: 'RaiseConcern', concern, group: node.group, text, owner, at, by: `agent:${handle}` });
  }
}

function agentPerformed(outcome: AgentOutcome, log: string | null, tampered: readonly string[]): Performed {
  const { ended, reason, exitCode, words, durationMs, usage } = outcome;
  return {
    ended: ended === 'unconfinable' ? 'refused' : ended,
    exitCode,
    excerpt: (reason === null ? words : `${reason}\n${words}`).slice(0, excerptChars),
    log,
    durationMs,
    usage,
    tampered,
  };
}

async function keepLog(
  parts: WorkflowParts,
  { run, node, attempt }: Attempt,
  text: string,
): Promise<string | null> {
  if (text === '') return null;
  const files = new RunFiles(parts.stateDir, run.run);
  const path = files.logOf(node.id, attempt);
  await files.log(path, text);
  return path;
}

function refused(reason: string): Attempted {
  const none = { exitCode: null, log: null, durationMs: 0, usage: null, tampered: [] };
  return { performed: { ...none, ended: 'refused', excerpt: reason }, output: '' };
}
