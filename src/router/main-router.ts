import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../base/clock.ts';
import { errorFacts } from '../base/sluice-error.ts';
import { createEngine } from './create-engine.ts';
import { succeedArgument } from './hand-over-messages.ts';
import { startRouter } from './router.ts';
import { keptSettings } from './router-settings.ts';
import { socketPathFor } from './socket-path.ts';
import { takeOver } from './take-over.ts';

/**
 * `sluice router`: serves until SIGTERM or SIGINT, then accepts nothing new, lets requests in flight end (at most 30 s; a
 * second signal ends the waiting) and returns. Returns too when another process has taken over and nothing is left here.
 * Rejects as `startRouter` and `takeOver` do.
 */
export async function runRouter(options: {
  readonly stateDir: string;
  /** Default: the socket `router` of the state directory. */
  readonly socketPath?: string;
  readonly reset?: boolean;
  /** Takes over from the router that started this process. */
  readonly succeed?: boolean;
}): Promise<void> {
  const asked = new AbortController();
  const stop = Promise.race(
    ['SIGTERM', 'SIGINT'].map((signal) => once(process, signal, { signal: asked.signal })),
  );
  // The terminal of whoever started the router may go away; users' traffic must not go with it.
  process.on('SIGHUP', () => {});
  const { engine } = await keptSettings(options.stateDir);
  const { stateDir, reset = false } = options;
  const socketPath = options.socketPath ?? socketPathFor(stateDir, 'router');
  const parts = {
    stateDir,
    clock: systemClock,
    random: Math.random,
    engine: createEngine(engine, systemClock),
  };
  const router =
    options.succeed === true ? await takeOver(parts) : await startRouter({ ...parts, socketPath, reset });
  if ((await Promise.race([stop, router.left.then(() => 'left')])) === 'left') return;
  const again = Promise.race(['SIGTERM', 'SIGINT'].map((signal) => once(process, signal)));
  await Promise.race([router.close({ graceMs: 30_000 }), again.then(() => router.close({ graceMs: 0 }))]);
}

/** As a process of its own: `node main-router.js <state directory> [--succeed]`. An error is one line of JSON on standard error. */
async function main(stateDir: string, succeed: boolean): Promise<void> {
  try {
    await runRouter({ stateDir, succeed });
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${JSON.stringify(errorFacts(error))}\n`);
    process.exit(1);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main(process.argv[2] ?? '.', process.argv[3] === succeedArgument);
}
