import { isErrorFacts } from '../base/sluice-error.ts';
import type { StepEvidence, StepRow } from '../engine/workflow/workflow-api.ts';
import type { Calling } from './tool.ts';

const firstLookMs = 50;
const tellMs = 1_000;

export interface JudgedStep {
  readonly run: string;
  readonly step: string;
  readonly status: StepRow['status'];
  readonly attempt: number;
  /** Sluice itself saw that every criterion holds. */
  readonly verified: boolean;
  /** False while it is still being looked at: ask `get_evidence` later. */
  readonly judged: boolean;
  readonly reason: string | null;
  readonly judgements: StepEvidence['attempts'][number]['judgements'];
}

export interface CompletedStep {
  readonly run: string | null;
  readonly step: string;
  readonly note: string | null;
  readonly waitMs: number;
}

/** Says that a step is done and waits for what Sluice finds. That somebody says it is done is no evidence. */
export async function completeAndAwait(asked: CompletedStep, calling: Calling): Promise<JudgedStep> {
  const { ask, actor } = calling;
  const { step, note } = asked;
  const before = await rowOf(asked.run, step, calling);
  const attempt = before?.status === 'RUNNING' ? before.attempt : (before?.attempt ?? 0) + 1;
  const { run } = await ask('workflowTell', {
    run: asked.run,
    said: { type: 'Complete', step, note, actor },
  });
  const row = await settled({ run, step, attempt, waitMs: asked.waitMs }, calling);
  return judgedOf(run, step, { attempt, row }, calling);
}

interface Awaited {
  readonly run: string;
  readonly step: string;
  readonly attempt: number;
  readonly waitMs: number;
}

/** Ends early when the client gave up: the step goes on. */
async function settled(awaited: Awaited, calling: Calling): Promise<StepRow | null> {
  const { run, step, attempt, waitMs } = awaited;
  const { clock, signal, progress } = calling;
  const start = clock.monotonicMs();
  for (let told = start - tellMs; ; ) {
    const row = await rowOf(run, step, calling);
    const now = clock.monotonicMs();
    const open = row !== null && row.attempt === attempt && isUnderWay(row);
    if (!open || signal.aborted || now - start >= waitMs) return row;
    if (now - told >= tellMs) {
      told = now;
      progress(`${step} is ${row.status}, ${Math.round((now - start) / 1_000)} s`);
    }
    // Most criteria are looked at within a moment; a client that is gone over HTTP must not keep the controller busy.
    await pause(Math.min(tellMs, firstLookMs + (now - start) / 10), calling);
  }
}

function isUnderWay({ status }: StepRow): boolean {
  return status === 'RUNNING' || status === 'VERIFYING';
}

async function judgedOf(
  run: string,
  step: string,
  { attempt, row }: { readonly attempt: number; readonly row: StepRow | null },
  { ask }: Calling,
): Promise<JudgedStep> {
  const evidence = await ask('workflowEvidence', { run, step });
  const found = evidence.attempts.find((one) => one.attempt === attempt);
  const status = row?.status ?? evidence.status;
  return {
    run,
    step,
    status,
    attempt,
    verified: status === 'SUCCEEDED',
    judged: row === null || row.attempt !== attempt || !isUnderWay(row),
    reason: found?.reason ?? row?.reason ?? null,
    judgements: found?.judgements ?? [],
  };
}

/** Null where there is no such step; whoever is told next says so. */
async function rowOf(run: string | null, step: string, { ask }: Calling): Promise<StepRow | null> {
  const { steps } = await ask('workflowStatus', { run });
  return steps.find(({ id }) => id === step) ?? null;
}

/** Resolves at once when the client gives up. */
function pause(delayMs: number, { clock, signal }: Pick<Calling, 'clock' | 'signal'>): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      cancel();
      signal.removeEventListener('abort', end);
      resolve();
    };
    const cancel = clock.after(delayMs, end);
    signal.addEventListener('abort', end, { once: true });
  });
}

/** Asks again where somebody else took the same step at the same moment. */
export async function untilNotTaken<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (let left = 10; ; left -= 1) {
    try {
      return await ask();
    } catch (error) {
      if (left === 0 || !isErrorFacts(error) || !['step-taken', 'not-now'].includes(error.code)) throw error;
    }
  }
}
