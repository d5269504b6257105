import { resolve } from 'node:path';
import { type Clock, sleep } from '../base/clock.ts';
import { isErrorFacts } from '../base/sluice-error.ts';
import {
  ensureRouterProcess,
  type RouterProcess,
  stopRouterProcess,
} from '../ports/traffic/router-process.ts';
import { RouterWatch } from '../ports/traffic/router-watch.ts';
import { askStatus } from '../router/ask-status.ts';
import { socketPathFor } from '../router/socket-path.ts';

/** One that hangs keeps its connections: only asking tells. */
const askMs = 2_000;
const answerMs = 1_000;
/** Between two attempts of which the first came to nothing. */
const againMs = 500;

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

/**
 * Starts the router again as soon as its connection ends, or when it does not answer any more, one attempt at a time, until
 * `end` resolves.
 */
export function superviseRouter(options: {
  readonly stateDir: string;
  readonly clock: Clock;
  readonly log: (line: string) => void;
}): { end(): Promise<void> } {
  const { stateDir, clock, log } = options;
  let ending = false;
  let lost = false;
  let wake = () => {};
  const socketPath = socketPathFor(resolve(stateDir), 'router');
  const watch = new RouterWatch(
    { socketPath, clock },
    () => {},
    () => {
      lost = true;
      wake();
    },
  );
  const done = follow();
  return {
    // An attempt under way is waited for: it could start a router after the last one was stopped.
    end: () => {
      ending = true;
      watch.close();
      wake();
      return done;
    },
  };

  async function follow(): Promise<void> {
    for (let pauseMs = 0; !ending; ) {
      await sleep(clock, pauseMs);
      if (!lost) await lostOrDue();
      if (ending) return;
      // Whoever answers after a loss may be another one, that is still to be written down.
      if (!lost && (await answers())) continue;
      lost = false;
      pauseMs = await reviveRouter({ stateDir, clock }).then(
        () => 0,
        (error: unknown) => {
          log(`router: ${String(error)}`);
          return againMs;
        },
      );
    }
  }

  /** Asked as cheaply as can be, because it is asked for ever; why there is no answer is found out by whoever revives it. */
  function answers(): Promise<boolean> {
    return new Promise((told) => {
      const end = (answer: number | Error) => {
        cancel();
        stop();
        told(answer === 200);
      };
      const question = { socketPath, path: '/status', userAgent: 'sluice-controller' };
      const stop = askStatus(question, end);
      const cancel = clock.after(answerMs, () => end(408));
    });
  }

  function lostOrDue(): Promise<void> {
    return new Promise((due) => {
      const cancel = clock.after(askMs, () => wake());
      wake = () => {
        cancel();
        due();
      };
    });
  }
}
