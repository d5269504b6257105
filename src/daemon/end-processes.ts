import { join } from 'node:path';
import { type Clock, sleep } from '../base/clock.ts';
import { openCommandRecords } from '../ports/command/command-records.ts';
import type { InstanceRecord } from '../ports/runtime/instance-record.ts';
import { endGroup } from '../ports/runtime/process-group.ts';
import { openRecords } from '../ports/runtime/record-directory.ts';
import { stopRouterProcess } from '../ports/traffic/router-process.ts';
import { holderState, parseHolder } from './lease-holder.ts';
import { readLease } from './read-lease.ts';
import type { TakenDown } from './taken-down.ts';

const controllerMs = 10_000;
const routerMs = 5_000;
const commandMs = 1_000;
const pollMs = 20;
/** Nobody should wait for longer drain deadlines when everything is taken down. */
const longestDrainMs = 10_000;

/**
 * Ends what a controller left that does not answer: itself, if it hangs, then the router, so that no request comes any
 * more, the instances and the commands. Each is known by pid and start time, never by pid alone. Resolves with the ids of
 * the instances that ran; rejects with `process-group-remains`.
 */
export async function endProcesses(stateDir: string, clock: Clock): Promise<TakenDown> {
  const controller = await endController(stateDir, clock);
  const router = await stopRouterProcess(stateDir, { clock, graceMs: routerMs });
  const stopped = await endInstances(stateDir, clock);
  await endCommands(stateDir, clock);
  return { stopped, ran: controller || router || stopped.length > 0 };
}

/** Commands (migrations, smoke tests, steps of workflows) and agents are in process groups of their own: nothing else would end them. */
export async function endCommands(stateDir: string, clock: Clock): Promise<void> {
  for (const place of [stateDir, join(stateDir, 'agents')]) {
    const records = await openCommandRecords(join(place, 'commands'));
    await Promise.all(
      (await records.all()).map(async (record) => {
        if (record.kind === 'begun') await endGroup(clock, record.leader, commandMs);
      }),
    );
  }
}

async function endInstances(stateDir: string, clock: Clock): Promise<readonly string[]> {
  const records = await openRecords<InstanceRecord>(join(stateDir, 'instances'));
  return Promise.all(
    (await records.all()).map(async ({ spec, process }) => {
      const deadlineMs = Math.min(spec.release.run.drainDeadlineMs, longestDrainMs);
      if (process !== null) await endGroup(clock, process, deadlineMs);
      await records.remove(spec.id);
      return spec.id;
    }),
  );
}

async function endController(stateDir: string, clock: Clock): Promise<boolean> {
  const lease = readLease(join(stateDir, 'journal'), 'controller');
  const holder = lease === null ? null : parseHolder(lease.holder);
  // A lease of an old version names no start time, and the pid alone could be anybody's by now.
  if (lease === null || holder === null || holder.start === null) return false;
  const runs = async () => (await holderState(lease.holder)) === 'runs';
  if (!(await runs())) return false;
  const until = clock.monotonicMs() + controllerMs;
  for (let signal: NodeJS.Signals | 0 = 'SIGTERM'; await runs(); signal = 0) {
    send(holder.pid, clock.monotonicMs() > until ? 'SIGKILL' : signal);
    await sleep(clock, pollMs);
  }
  return true;
}

/** A process that ended between the look and the signal needs none. */
function send(pid: number, signal: NodeJS.Signals | 0): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
