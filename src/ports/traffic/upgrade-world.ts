import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, type RequestOptions } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';
import { systemClock } from '../../base/clock.ts';
import type { RouterStatus } from '../../router/control-server.ts';
import { engineNames } from '../../router/create-engine.ts';
import type { EngineName } from '../../router/engine.ts';
import { keepSettings } from '../../router/router-settings.ts';
import { callRouter } from './control-client.ts';
import { ensureRouterProcess, stopRouterProcess } from './router-process.ts';
import { openRouterTraffic } from './router-traffic.ts';
import { ask, freePort, plainTable, RouterWorld, type TestBackend, web } from './router-world.ts';
import { upgradeRouter } from './upgrade-router.ts';

/** A router of its own process, and a world whose instances it serves. */
export async function served(test: TestContext, engine: EngineName) {
  const world = await RouterWorld.open(test);
  const stateDir = await mkdtemp(join(tmpdir(), 'sluice-upgrade-'));
  await keepSettings(stateDir, { engine });
  const router = await ensureRouterProcess({ stateDir, clock: systemClock });
  const traffic = openRouterTraffic({ socketPath: router.socketPath, clock: systemClock });
  const listen = `127.0.0.1:${await freePort()}`;
  test.after(async () => {
    await traffic.close();
    await stopRouterProcess(stateDir, { graceMs: 5_000 });
    await rm(stateDir, { recursive: true, force: true });
  });
  const door = { socketPath: router.socketPath, clock: systemClock };
  let version = 0;
  return {
    ...router,
    world,
    stateDir,
    traffic,
    listen,
    status: async () => (await callRouter(door, { method: 'GET', path: ['status'] })) as RouterStatus,
    apply: async (...stable: readonly TestBackend[]) => {
      version += 1;
      const plain = stable.map(({ instance, generation, address }) => ({ instance, generation, address }));
      await traffic.apply({ ...plainTable(listen), version, stable: plain });
    },
    upgrade: async () => (await upgradeRouter({ stateDir, clock: systemClock })).to.pid,
    /** With a program of the test in the place of the new router; null: there is none. */
    upgradeTo: async (program: string | null) => {
      const entry = join(stateDir, 'successor.mjs');
      if (program !== null) await writeFile(entry, program);
      const body = { execPath: process.execPath, entry };
      return callRouter(door, { method: 'POST', path: ['upgrade'], body, timeoutMs: 25_000 });
    },
    counted: async (name: string) =>
      (await traffic.counts(web)).instances.find(({ instance }) => instance === name),
  };
}

export type Served = Awaited<ReturnType<typeof served>>;

/** With a router of its own for each of the engines. */
export function upgradesOnEachEngine(title: string, run: (parts: Served) => Promise<void>): void {
  for (const engine of engineNames)
    it(`${title} (${engine} engine)`, async (test) => run(await served(test, engine)));
}

export const isGone = async (pid: number) => {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
};

/** Requests on kept and new connections until told to stop; how many there were, and what was not well. */
export function load(options: RequestOptions, users: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: users });
  const seen = { answered: 0, problems: [] as string[] };
  let over = false;
  const user = async (index: number) => {
    for (let turn = 0; !over; turn += 1) {
      try {
        const fresh = (turn + index) % 3 === 0;
        const { status, body } = await ask({ ...options, path: '/', agent: fresh ? false : agent });
        seen.answered += 1;
        if (status !== 200 || body !== 'one') seen.problems.push(`${status} ${body}`);
      } catch (error) {
        seen.problems.push(String(error));
      }
    }
  };
  const done = Promise.all(Array.from({ length: users }, (_, index) => user(index)));
  return {
    seen,
    async end() {
      over = true;
      await done;
      agent.destroy();
    },
  };
}
