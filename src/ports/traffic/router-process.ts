import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readFile } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Clock, sleep, systemClock } from '../../base/clock.ts';
import { isErrorFacts, SluiceError } from '../../base/sluice-error.ts';
import type { RouterStatus } from '../../router/control-server.ts';
import { socketPathFor } from '../../router/socket-path.ts';
import { type GroupLeader, leaderRuns } from '../runtime/process-group.ts';
import { readProcess } from '../runtime/process-table.ts';
import { callRouter } from './control-client.ts';
import { recordedRouter, recordRouter } from './router-record.ts';

export interface RouterProcess {
  readonly socketPath: string;
  readonly pid: number;
}

const startMs = 15_000;
const lookAgainMs = 25;
/** What does not answer on its socket in 5 s will not end its requests in order either. */
const hungMs = 1_000;

/**
 * The router of a state directory: the one that answers on its socket, or a new process that outlives this one and
 * writes to `router.log` there. Rejects with `router-start-failed`, or the error the new router ended with
 * (`routes-unreadable`, `router-socket-failed`).
 */
export async function ensureRouterProcess(options: {
  readonly stateDir: string;
  readonly clock: Clock;
}): Promise<RouterProcess> {
  const { clock } = options;
  const stateDir = resolve(options.stateDir);
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const socketPath = socketPathFor(stateDir, 'router');
  const found = await answering(socketPath, clock);
  if (found !== null) {
    await recordRouter(stateDir, found);
    return { socketPath, pid: found };
  }
  const started = await start(stateDir, join(stateDir, 'router.log'));
  const until = clock.monotonicMs() + startMs;
  for (;;) {
    const { child, error } = started;
    const ended = error !== null || child.exitCode !== null || child.signalCode !== null;
    const pid = await answering(socketPath, clock);
    if (pid !== null) {
      if (pid !== child.pid) await endLoser(child);
      await recordRouter(stateDir, pid);
      return { socketPath, pid };
    }
    if (ended || clock.monotonicMs() > until) throw await notStarted(started);
    await sleep(clock, lookAgainMs);
  }
}

/**
 * Asks the router of a state directory to end: it lets requests in flight end for at most 30 s, and is killed when it
 * still runs after `graceMs` (default 35 s). One that hangs is found by its record and gets a second. False when there is
 * none. Resolves when the process is gone.
 */
export async function stopRouterProcess(
  stateDir: string,
  { clock = systemClock, graceMs = 35_000 }: { readonly clock?: Clock; readonly graceMs?: number } = {},
): Promise<boolean> {
  const directory = resolve(stateDir);
  const pid = await answering(socketPathFor(directory, 'router'), clock).catch(() => null);
  const answers = pid === null ? null : await readProcess(pid);
  const router = answers ?? (await recordedRouter(directory));
  if (router === null) return false;
  await end(router, { clock, graceMs: answers === null ? Math.min(graceMs, hungMs) : graceMs });
  return true;
}

/** Kills the router that a state directory has on record, without asking it: for one that was asked and did not answer. */
export async function killRouterProcess(stateDir: string, clock: Clock): Promise<void> {
  const router = await recordedRouter(resolve(stateDir));
  if (router !== null) await end(router, { clock, graceMs: 0 });
}

async function end(
  router: GroupLeader,
  { clock, graceMs }: { readonly clock: Clock; readonly graceMs: number },
): Promise<void> {
  signal(router.pid, graceMs > 0 ? 'SIGTERM' : 'SIGKILL');
  const until = clock.monotonicMs() + graceMs;
  while (await leaderRuns(router)) {
    if (clock.monotonicMs() > until) signal(router.pid, 'SIGKILL');
    await sleep(clock, lookAgainMs);
  }
  // A child of ours that ended keeps its pid until Node has heard of its end; nobody may hear of another's.
  if (signal(router.pid, 0)) await sleep(clock, lookAgainMs);
}

/** Null when nobody listens. A router that hangs is an error, because starting a second one would not help. */
async function answering(socketPath: string, clock: Clock): Promise<number | null> {
  try {
    const status = await callRouter(
      { socketPath, clock },
      { method: 'GET', path: ['status'], timeoutMs: 5_000 },
    );
    return (status as RouterStatus).pid;
  } catch (error) {
    const { code } = ((error as Error).cause ?? {}) as { code?: string };
    if (code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'ECONNRESET' || code === 'EPIPE')
      return null;
    throw error;
  }
}

/** Somebody else's router was quicker. Left alone, ours would take over the moment that one is stopped. */
async function endLoser(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}

interface Started {
  readonly child: ChildProcess;
  readonly logPath: string;
  /** What this router says begins here. */
  readonly logStart: number;
  error: Error | null;
}

async function start(stateDir: string, logPath: string): Promise<Started> {
  const here = fileURLToPath(import.meta.url);
  const entry = fileURLToPath(new URL(`../../router/main-router${extname(here)}`, import.meta.url));
  const log = await open(logPath, 'a', 0o600);
  try {
    const { size } = await log.stat();
    const child = spawn(process.execPath, [entry, stateDir], {
      detached: true,
      cwd: stateDir,
      stdio: ['ignore', log.fd, log.fd],
    });
    const started: Started = { child, logPath, logStart: size, error: null };
    child.on('error', (error) => {
      started.error = error;
    });
    child.unref();
    return started;
  } finally {
    await log.close();
  }
}

async function notStarted({ child, logPath, logStart, error }: Started): Promise<SluiceError> {
  if (child.pid !== undefined && child.exitCode === null) signal(child.pid, 'SIGKILL');
  const said = (await readFile(logPath)).subarray(logStart).toString().trim();
  const last = error?.message ?? said.split('\n').at(-1) ?? '';
  const told = parsed(last);
  if (isErrorFacts(told) && told.code !== 'unexpected') return new SluiceError(told);
  return new SluiceError({
    code: 'router-start-failed',
    message: `The router did not start: ${isErrorFacts(told) ? told.message : last || 'it said nothing'}`,
    remedy: `Read ${logPath}, mend what it names, and start again.`,
    details: { logPath },
  });
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return null;
  }
}

/** False when the process is gone. */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch (error) {
    if ((error as { code?: string }).code === 'ESRCH') return false;
    throw error;
  }
}
