import { join } from 'node:path';
import type { Cancel, Clock } from '../base/clock.ts';
import { removeTemporaries } from '../disk/remove-temporaries.ts';
import { rotate } from '../ports/runtime/output-file.ts';
import { removeOldProofs } from './caller-proof.ts';

/** As the logs of instances; one older part of each is kept. */
const mostLogBytes = 10 * 2 ** 20;
const everyMs = 60_000;
/** A call is answered, and a file is replaced, long before. */
const leftBehindMs = 3_600_000;
/** They have files of users in them, and are cleared by the artifact store. */
const except = ['artifacts', 'run'];

export interface TidyOptions {
  readonly stateDir: string;
  readonly clock: Clock;
  readonly log: (line: string) => void;
}

/** Bounds the logs of controller and router every minute, and clears away what killed processes left, until `end` resolves. */
export function keepTidy(options: TidyOptions): { end(): Promise<void> } {
  let ended = false;
  let cancel: Cancel = () => {};
  let tidying: Promise<void> = Promise.resolve();
  const again = () => {
    tidying = tidyState(options)
      .catch((error: unknown) => options.log(`tidying: ${String(error)}`))
      .then(() => {
        if (!ended) cancel = options.clock.after(everyMs, again);
      });
  };
  again();
  return {
    end: () => {
      ended = true;
      cancel();
      return tidying;
    },
  };
}

export async function tidyState({ stateDir, clock }: Omit<TidyOptions, 'log'>): Promise<void> {
  for (const name of ['controller.log', 'router.log']) await rotate(join(stateDir, name), mostLogBytes);
  const age = { nowMs: clock.now(), olderThanMs: leftBehindMs };
  await removeOldProofs(stateDir, age);
  await removeTemporaries(stateDir, { ...age, except });
}
