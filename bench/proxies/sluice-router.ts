import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../src/base/clock.ts';
import type { RouteTable } from '../../src/base/route-table.ts';
import { defaultAssets } from '../../src/config/default-assets.ts';
import { freePort } from '../../src/ports/runtime/free-port.ts';
import { openRouterTraffic } from '../../src/ports/traffic/router-traffic.ts';
import { checkTable } from '../../src/router/check-table.ts';
import type { EngineName } from '../../src/router/engine.ts';
import { keepSettings } from '../../src/router/router-settings.ts';
import { socketPathFor } from '../../src/router/socket-path.ts';
import { candidatePercent, type Forwarder, type Place, untilListening } from './forwarder.ts';
import { PlacedProcess } from './placed-process.ts';

const entry = join(import.meta.dirname, '../../src/router/main-router.ts');

/**
 * The router as a controller starts it, with `engine` as sluice.yml would set it, in the middle of a canary rollout; the
 * table goes through its control socket.
 */
export async function startSluiceRouter(place: Place, engine: EngineName): Promise<Forwarder> {
  const port = await freePort();
  const stateDir = join(place.directory, engine);
  await mkdir(stateDir);
  await keepSettings(stateDir, { engine });
  const socketPath = socketPathFor(stateDir, 'router');
  const started = new PlacedProcess(place.cores, process.execPath, [entry, stateDir]);
  try {
    await untilListening(started, socketPath);
    await applyTable(socketPath, tableFor(port, place));
    await untilListening(started, port);
  } catch (error) {
    await started.end();
    throw error;
  }
  return { name: `Sluice, ${engine} engine`, port, pid: started.pid, close: () => started.end() };
}

async function applyTable(socketPath: string, table: RouteTable): Promise<void> {
  const traffic = openRouterTraffic({ socketPath, clock: systemClock });
  try {
    await traffic.apply(table);
  } finally {
    await traffic.close();
  }
}

/** As a controller sends it: shield and assets on, and the limits and probes that `sluice.yml` has without a word. */
function tableFor(port: number, { stablePort, candidatePort }: Place): RouteTable {
  const backend = (generation: string, instancePort: number) => ({
    instance: `${generation}-1`,
    generation,
    address: `127.0.0.1:${instancePort}`,
  });
  return checkTable({
    target: 'web@production',
    fence: 1,
    version: 1,
    listen: `127.0.0.1:${port}`,
    hosts: [],
    pathPrefix: '/',
    mode: 'serve',
    stable: [backend('R-1', stablePort)],
    candidate: [backend('R-2', candidatePort)],
    candidateWeight: candidatePercent * 100,
    match: [],
    affinity: { kind: 'none' },
    shield: { budgetPercent: 20 },
    assets: defaultAssets,
    probe: { path: '/healthz', intervalMs: 1_000, timeoutMs: 1_000, failures: 3, successes: 2 },
    limits: {
      headBytes: 16_384,
      bodyBytes: 0,
      clientHeadMs: 15_000,
      upstreamHeadMs: 30_000,
      idleMs: 60_000,
      pauseMs: 10_000,
      pausedRequests: 1_000,
    },
  });
}
