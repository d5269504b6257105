import { type Clock, sleep } from '../base/clock.ts';
import { ensureRouterProcess } from '../ports/traffic/router-process.ts';

const everyMs = 500;

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
      await ensureRouterProcess({ stateDir, clock }).catch((error: unknown) =>
        log(`router: ${String(error)}`),
      );
    }
  }
}
