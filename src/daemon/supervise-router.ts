import { type Clock, sleep } from '../base/clock.ts';
import { isErrorFacts } from '../base/sluice-error.ts';
import {
  ensureRouterProcess,
  type RouterProcess,
  stopRouterProcess,
} from '../ports/traffic/router-process.ts';

const everyMs = 500;

/**
 * The router of a state directory, started when none runs. One that runs but does not answer in time, twice, serves nobody
 * either: it is ended, and the next takes over its routes. Rejects as `ensureRouterProcess` does.
 */
export async function reviveRouter(options: {
  readonly stateDir: string;
  readonly clock: Clock;
}): Promise<RouterProcess> {
  const hung = (error: unknown) => isErrorFacts(error) && error.code === 'router-unreachable';
  try {
    return await ensureRouterProcess(options);
  } catch (error) {
    if (!hung(error)) throw error;
  }
  try {
    return await ensureRouterProcess(options);
  } catch (error) {
    if (!hung(error)) throw error;
  }
  await stopRouterProcess(options.stateDir, { clock: options.clock, graceMs: 0 });
  return ensureRouterProcess(options);
}

/** Starts the router again whenever it does not answer, one attempt at a time, until `end` resolves. */
export function superviseRouter(options: {
  readonly stateDir: string;
  readonly clock: Clock;
  readonly log: (line: string) => void;
}): { end(): Promise<void> } {
  const { stateDir, clock, log } = options;
  let ending = false;
  const done = follow();
  return {
    // An attempt under way is waited for: it could start a router after the last one was stopped.
    end: () => {
      ending = true;
      return done;
    },
  };

  async function follow(): Promise<void> {
    while (!ending) {
      await sleep(clock, everyMs);
      if (ending) return;
      await reviveRouter({ stateDir, clock }).catch((error: unknown) => log(`router: ${String(error)}`));
    }
  }
}
