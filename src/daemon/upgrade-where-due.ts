import type { Clock } from '../base/clock.ts';
import { isDue, planUpgrade, upgradeRouter } from '../ports/traffic/upgrade-router.ts';

/**
 * Puts a router of this version, with the engine that sluice.yml asks for, in the place of another one. What comes of it is
 * logged: the router that runs serves users all the same.
 */
export async function upgradeWhereDue(options: {
  readonly stateDir: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}): Promise<void> {
  const { log, signal } = options;
  try {
    if (!isDue(await planUpgrade(options))) return;
    const { from, to } = await upgradeRouter(options);
    log(`router: version ${to.version} (pid ${to.pid}) took over from ${from.version} (pid ${from.pid})`);
  } catch (error) {
    if (!signal.aborted) log(`router: not upgraded: ${String(error)}`);
  }
}
