import { join } from 'node:path';
import { type Clock, sleep } from '../base/clock.ts';
import { isErrorFacts, SluiceError } from '../base/sluice-error.ts';
import { stopRouterProcess } from '../ports/traffic/router-process.ts';
import { endProcesses } from './end-processes.ts';
import { holderState } from './lease-holder.ts';
import { readLease } from './read-lease.ts';
import { callController } from './socket-client.ts';
import type { TakenDown } from './taken-down.ts';

const goneMs = 60_000;
const pollMs = 20;
const routerMs = 5_000;

/**
 * Stops everything of a state directory, through its controller or, where none answers, by what is on disk about the
 * processes. Resolves when all of it is gone. Rejects with `controller-stays` or `process-group-remains`.
 */
export async function takeDown(stateDir: string, clock: Clock): Promise<TakenDown> {
  const lease = readLease(join(stateDir, 'journal'), 'controller');
  try {
    await callController(stateDir, 'ping', {}, { timeoutMs: 5_000 });
    const { stopped } = await callController(stateDir, 'down', {});
    if (lease !== null) await gone(lease.holder, clock);
    // The controller ends its router before itself; one that was killed in between leaves it.
    await stopRouterProcess(stateDir, { clock, graceMs: routerMs });
    return { stopped, ran: true };
  } catch (error) {
    const away = isErrorFacts(error) && ['controller-unreachable', 'controller-hangs'].includes(error.code);
    if (!away) throw error;
    return endProcesses(stateDir, clock);
  }
}

async function gone(holder: string, clock: Clock): Promise<void> {
  const until = clock.monotonicMs() + goneMs;
  while ((await holderState(holder)) === 'runs') {
    if (clock.monotonicMs() > until) {
      throw new SluiceError({
        code: 'controller-stays',
        message: `The controller stopped its instances but still runs after ${goneMs / 1000} s: ${holder}.`,
        remedy: 'Read controller.log in the state directory, then end that process.',
      });
    }
    await sleep(clock, pollMs);
  }
}
