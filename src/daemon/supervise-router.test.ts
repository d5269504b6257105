import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';
import { type Clock, systemClock } from '../base/clock.ts';
import { ensureRouterProcess, stopRouterProcess } from '../ports/traffic/router-process.ts';
import { RouterWatch } from '../ports/traffic/router-watch.ts';
import { socketPathFor } from '../router/socket-path.ts';
import { superviseRouter } from './supervise-router.ts';

async function directory(test: TestContext): Promise<string> {
  const stateDir = await mkdtemp(join(tmpdir(), 'sluice-supervise-'));
  test.after(async () => {
    await stopRouterProcess(stateDir, { graceMs: 0 });
    await rm(stateDir, { recursive: true, force: true });
  });
  return stateDir;
}

it('starts another router in place of one that hangs', { timeout: 60_000 }, async (test) => {
  const stateDir = await directory(test);
  const { pid, socketPath } = await ensureRouterProcess({ stateDir, clock: systemClock });
  const back = Promise.withResolvers<void>();
  const watch = new RouterWatch({ socketPath, clock: systemClock }, { reached: back.resolve });
  test.after(() => watch.close());
  const told = Promise.withResolvers<string>();
  const supervisor = superviseRouter({ stateDir, clock: systemClock, log: told.resolve });
  try {
    process.kill(pid, 'SIGSTOP');
    await back.promise;
    const next = await ensureRouterProcess({ stateDir, clock: systemClock });
    assert.notEqual(next.pid, pid);
    assert.equal(await told.promise, `router: it did not answer; process ${next.pid} serves now`);
    assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
  } finally {
    // Before the router is stopped: it would start another one.
    await supervisor.end();
  }
});

it('asks a router that knows no beats, and leaves it alone while it answers', async (test) => {
  const stateDir = await directory(test);
  const quick: Clock = {
    ...systemClock,
    // Only the silence: a busy machine may need its time for an answer.
    after: (delayMs, callback) => systemClock.after(delayMs > 2_000 ? delayMs / 20 : delayMs, callback),
  };
  const asked: (string | undefined)[] = [];
  const thrice = Promise.withResolvers<void>();
  const server = createServer((incoming, outgoing) => {
    asked.push(incoming.url);
    if (incoming.url === '/watch') outgoing.write('{}\n');
    else outgoing.end('{}');
    if (asked.length === 4) thrice.resolve();
  }).listen(socketPathFor(stateDir, 'router'));
  await once(server, 'listening');
  test.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const lines: string[] = [];
  const supervisor = superviseRouter({ stateDir, clock: quick, log: (line) => lines.push(line) });
  await thrice.promise;
  await supervisor.end();
  assert.deepEqual(asked, ['/watch', '/status', '/status', '/status']);
  assert.deepEqual(lines, []);
});

it('ends at once when it has only just begun', { timeout: 5_000 }, async (test) => {
  const stateDir = await directory(test);
  const endless: Clock = {
    ...systemClock,
    after: (delayMs, callback) => (delayMs === 0 ? systemClock.after(0, callback) : () => {}),
  };
  await superviseRouter({ stateDir, clock: endless, log: () => {} }).end();
});
