import { resolve } from 'node:path';
import { type Cancel, type Clock, sleep } from '../base/clock.ts';
import { isErrorFacts } from '../base/sluice-error.ts';
import {
  ensureRouterProcess,
  killRouterProcess,
  type RouterProcess,
} from '../ports/traffic/router-process.ts';
import { RouterWatch } from '../ports/traffic/router-watch.ts';
import { askStatus } from '../router/ask-status.ts';
import { socketPathFor } from '../router/socket-path.ts';
import { beatMs } from '../router/watch-beats.ts';

/** One that hangs keeps its connections and is silent. One of before, which is always silent, is asked this often. */
const silentMs = beatMs + 300;
const answerMs = 1_000;
/** Between two attempts of which the first came to nothing. */
const againMs = 500;

/**
 * The router of a state directory, started when none runs. One that runs but does not answer in time, twice, serves nobody
 * either: it is ended, and the next takes over its routes. `unanswered`: how often it did not answer already, default 0.
 * Rejects as `ensureRouterProcess` does.
 */
export async function reviveRouter(
  options: { readonly stateDir: string; readonly clock: Clock },
  unanswered = 0,
): Promise<RouterProcess> {
  try {
    return await ensureRouterProcess(options);
  } catch (error) {
    if (!isErrorFacts(error) || error.code !== 'router-unreachable') throw error;
  }
  if (unanswered === 0) return reviveRouter(options, 1);
  await killRouterProcess(options.stateDir, options.clock);
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
  let cancelSilence: Cancel = () => {};
  let beats = 0;
  const listen = () => {
    cancelSilence();
    cancelSilence = clock.after(silentMs, () => wake());
  };
  const heard = () => {
    beats += 1;
    listen();
  };
  const socketPath = socketPathFor(resolve(stateDir), 'router');
  const watch = new RouterWatch(
    { socketPath, clock },
    {
      heard,
      lost: () => {
        lost = true;
        wake();
      },
    },
  );
  const done = follow();
  return {
    // An attempt under way is waited for: it could start a router after the last one was stopped.
    end: () => {
      ending = true;
      watch.close();
      cancelSilence();
      wake();
      return done;
    },
  };

  async function follow(): Promise<void> {
    for (let pauseMs = 0; !ending; ) {
      await sleep(clock, pauseMs);
      if (!lost && !ending) await lostOrSilent();
      if (ending) return;
      // Whoever answers after a loss may be another one, that is still to be written down.
      const before = beats;
      // It may be this process that stood still: a beat that waited meanwhile is an answer too.
      if (!lost && ((await answers()) || beats > before)) continue;
      const unanswered = lost ? 0 : 1;
      lost = false;
      pauseMs = await reviveRouter({ stateDir, clock }, unanswered).then(
        ({ pid }) => {
          log(
            `router: ${unanswered > 0 ? 'it did not answer' : 'its connection ended'}; process ${pid} serves now`,
          );
          return 0;
        },
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

  function lostOrSilent(): Promise<void> {
    return new Promise((due) => {
      listen();
      wake = () => {
        cancelSilence();
        due();
      };
    });
  }
}
