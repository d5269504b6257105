import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { Clock } from '../../base/clock.ts';
import type { Look } from '../../base/look.ts';
import { childEnvironment, type Environment } from '../runtime/child-environment.ts';
import { endGroup, type GroupLeader } from '../runtime/process-group.ts';
import { readProcess } from '../runtime/process-table.ts';
import { countTests } from './count-tests.ts';
import { tailOf } from './excerpt.ts';
import { KeptOutput } from './kept-output.ts';
import type { Sight } from './seen.ts';
import type { TestCounts } from './test-counts.ts';

export interface CommandAround {
  readonly root: string;
  readonly clock: Clock;
  readonly environment: Environment;
  /** Process groups of looks that run; this one is among them for as long as it does. */
  readonly looking: Set<number>;
  readonly signal?: AbortSignal;
}

/** Both streams are one, in the order in which they are written. */
const script = 'exec /bin/sh -c "$0" 2>&1';
/** From SIGTERM to SIGKILL, where the command had not ended by itself. */
const graceMs = 1_000;
/** What was printed before the end is in the pipe by then; who holds it open longer is no part of the command. */
const drainMs = 200;

type Ending =
  | { readonly kind: 'exit'; readonly code: number | null; readonly signal: string | null }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'cancelled' };

/** Runs the command in a process group of its own, which ends with it. */
export async function lookAtCommand(
  look: Extract<Look, { kind: 'command' }>,
  around: CommandAround,
): Promise<Sight> {
  if (around.signal?.aborted) return { holds: false, observed: 'was cancelled before it began' };
  const child = spawn('/bin/sh', ['-c', script, look.run], {
    cwd: around.root,
    env: childEnvironment(around.environment, look.env),
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const output = new KeptOutput();
  const hash = createHash('sha256');
  child.stdout.on('data', (chunk: Buffer) => {
    hash.update(chunk);
    output.add(chunk);
  });
  const drained = once(child.stdout, 'close').catch(() => undefined);
  const group = child.pid;
  if (group === undefined) {
    const [error] = (await once(child, 'error')) as [Error];
    return { holds: false, observed: `the command could not be started in ${around.root}: ${error.message}` };
  }
  around.looking.add(group);
  try {
    const ending = await endOf(child, group, look.timeoutMs, around);
    await Promise.race([drained, afterwards(around.clock, drainMs)]);
    const printed = { excerpt: tailOf(output.tail()), digest: `sha256:${hash.digest('hex')}` };
    const tests = look.tests ? countTests(output) : undefined;
    return { ...judge(ending, look, tests), ...printed };
  } finally {
    child.stdout.destroy();
    around.looking.delete(group);
  }
}

/** Waits for the end, the deadline or the signal, and ends what is left of the group. */
async function endOf(
  child: ChildProcess,
  group: number,
  timeoutMs: number,
  around: CommandAround,
): Promise<Ending> {
  const { promise, resolve } = Promise.withResolvers<Ending>();
  child.once('exit', (code, signal) => resolve({ kind: 'exit', code, signal }));
  const cancelled = () => resolve({ kind: 'cancelled' });
  const cancel = around.clock.after(timeoutMs, () => resolve({ kind: 'timeout' }));
  around.signal?.addEventListener('abort', cancelled);
  const leader = await readProcess(group);
  try {
    const ending = await promise;
    await endRest(around.clock, group, leader, ending.kind === 'exit' ? 0 : graceMs);
    return ending;
  } finally {
    cancel();
    around.signal?.removeEventListener('abort', cancelled);
  }
}

async function endRest(clock: Clock, group: number, leader: GroupLeader | null, deadlineMs: number) {
  if (leader !== null) return endGroup(clock, leader, deadlineMs);
  // It had ended before it could be looked at. Its number is not given out again while the group has members.
  try {
    process.kill(-group, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function afterwards(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(delayMs, resolve);
  });
}

function judge(
  ending: Ending,
  { timeoutMs, tests }: Extract<Look, { kind: 'command' }>,
  counts: TestCounts | null | undefined,
): Sight {
  if (ending.kind === 'timeout') return { holds: false, observed: `ended after its time of ${timeoutMs} ms` };
  if (ending.kind === 'cancelled') return { holds: false, observed: 'was cancelled' };
  const { code, signal } = ending;
  const exit = code === null ? `ended by ${signal}` : `exit code ${code}`;
  if (!tests) return { holds: code === 0, observed: exit, exitCode: code };
  if (counts === null || counts === undefined) {
    return { holds: false, observed: `${exit}; no count of tests is in the output`, exitCode: code };
  }
  const { passed, failed, skipped } = counts;
  const told = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
  const holds = code === 0 && passed > 0 && failed === 0;
  return { holds, observed: `${exit}; tests: ${told}`, exitCode: code };
}
