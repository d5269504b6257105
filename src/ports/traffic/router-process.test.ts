import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';
import { systemClock } from '../../base/clock.ts';
import { ensureRouterProcess, stopRouterProcess } from './router-process.ts';
import { openRouterTraffic } from './router-traffic.ts';
import { freePort, plainTable, web } from './router-world.ts';

async function stateDirectory(test: TestContext): Promise<string> {
  const stateDir = await mkdtemp(join(tmpdir(), 'sluice-process-'));
  test.after(async () => {
    await stopRouterProcess(stateDir);
    await rm(stateDir, { recursive: true, force: true });
  });
  return stateDir;
}

it('starts one router for a state directory however many ask, and stops it', async (test) => {
  const stateDir = await stateDirectory(test);
  const ensure = () => ensureRouterProcess({ stateDir, clock: systemClock });
  const [one, two] = await Promise.all([ensure(), ensure()]);
  assert.deepEqual(one, two);
  assert.deepEqual(await ensure(), one);
  assert.notEqual(one.pid, process.pid);
  assert.equal(await stopRouterProcess(stateDir), true);
  assert.throws(() => process.kill(one.pid, 0), { code: 'ESRCH' });
  assert.equal(await stopRouterProcess(stateDir), false);
});

it('has its routes again after it was killed, and tells the controller', async (test) => {
  const stateDir = await stateDirectory(test);
  const first = await ensureRouterProcess({ stateDir, clock: systemClock });
  const traffic = openRouterTraffic({ socketPath: first.socketPath, clock: systemClock });
  test.after(() => traffic.close());
  await traffic.apply({ ...plainTable(`127.0.0.1:${await freePort()}`), fence: 4, version: 2 });
  const before = await traffic.counts(web);
  const back = new Promise<void>((resolve) => traffic.onReconnect(resolve));
  process.kill(first.pid, 'SIGKILL');
  while (await traffic.applied(web).catch(() => null));
  const second = await ensureRouterProcess({ stateDir, clock: systemClock });
  await back;
  assert.notEqual(second.pid, first.pid);
  assert.deepEqual(await traffic.applied(web), { fence: 4, version: 2 });
  assert.notEqual((await traffic.counts(web)).epoch, before.epoch);
});

it('tells why a router does not start', async (test) => {
  const stateDir = await stateDirectory(test);
  await writeFile(join(stateDir, 'routes.json'), '{"format":1,');
  await assert.rejects(ensureRouterProcess({ stateDir, clock: systemClock }), { code: 'routes-unreadable' });
});
