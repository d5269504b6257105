import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../base/clock.ts';
import { errorFacts } from '../base/sluice-error.ts';
import { startRouter } from './router.ts';
import { socketPathFor } from './socket-path.ts';

/**
 * `sluice router`: serves until SIGTERM or SIGINT, then accepts nothing new, lets requests in flight end (at most 30 s; a
 * second signal ends the waiting) and returns. Rejects as `startRouter` does.
 */
export async function runRouter(options: {
  readonly stateDir: string;
  /** Default: the socket `router` of the state directory. */
  readonly socketPath?: string;
  readonly reset?: boolean;
}): Promise<void> {
  const asked = new AbortController();
  const stop = Promise.race(
    ['SIGTERM', 'SIGINT'].map((signal) => once(process, signal, { signal: asked.signal })),
  );
  // The terminal of whoever started the router may go away; users' traffic must not go with it.
  process.on('SIGHUP', () => {});
  const router = await startRouter({
    stateDir: options.stateDir,
    socketPath: options.socketPath ?? socketPathFor(options.stateDir, 'router'),
    clock: systemClock,
    random: Math.random,
    reset: options.reset ?? false,
  });
  await stop;
  const again = Promise.race(['SIGTERM', 'SIGINT'].map((signal) => once(process, signal)));
  await Promise.race([router.close({ graceMs: 30_000 }), again.then(() => router.close({ graceMs: 0 }))]);
}

/** As a process of its own: `node main-router.js <state directory>`. An error is one line of JSON on standard error. */
async function main(stateDir: string): Promise<void> {
  try {
    await runRouter({ stateDir });
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${JSON.stringify(errorFacts(error))}\n`);
    process.exit(1);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv[2] ?? '.');
