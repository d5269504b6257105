import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { systemClock } from '../../base/clock.ts';
import { leaderRuns } from '../runtime/process-group.ts';
import { Spawner } from './spawner.ts';

async function place(t: TestContext) {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-spawner-'));
  const spawner = new Spawner(systemClock);
  t.after(async () => {
    await spawner.close();
    await rm(directory, { recursive: true, force: true });
  });
  const start = async (script: string) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const order = { script, directory, env: { PATH: '/usr/bin:/bin' }, outputPath: join(directory, 'out') };
    return { ...(await spawner.start(order, resolve)), ended: promise };
  };
  /** Until the small process is there, or for ten seconds at most. */
  const warm = async () => {
    for (const endMs = performance.now() + 10_000; performance.now() < endMs; await wait(10)) {
      const first = await start('echo $PPID');
      first.release();
      await first.ended;
      const parents = (await readFile(join(directory, 'out'), 'utf8')).trim().split('\n').map(Number);
      const parent = parents.at(-1);
      if (parent !== undefined && parent !== process.pid) return parent;
    }
    throw new Error('no other process starts the scripts');
  };
  return { spawner, start, warm, directory };
}

it('scripts are started by a process of their own, begin when they are released, and their end is told', async (t) => {
  const { start, warm, directory } = await place(t);
  await warm();
  const script = await start('echo begun >> said');
  assert.equal(await readFile(join(directory, 'said'), 'utf8').catch(() => ''), '');
  script.release();
  await script.ended;
  assert.ok(script.hasEnded());
  assert.equal(await readFile(join(directory, 'said'), 'utf8'), 'begun\n');
});

it('what was released goes on without that process, and the next script is started all the same', async (t) => {
  const { start, warm, directory } = await place(t);
  const parent = await warm();
  const script = await start('touch begun; until [ -e go ]; do sleep 0.02; done; echo end > said');
  script.release();
  while ((await stat(join(directory, 'begun')).catch(() => null)) === null) await wait(5);
  process.kill(parent, 'SIGKILL');
  assert.ok(await leaderRuns(script.leader));
  const next = await start('touch go');
  next.release();
  for (const endMs = performance.now() + 10_000; await leaderRuns(script.leader); await wait(10))
    assert.ok(performance.now() < endMs, 'it does not end');
  assert.equal(await readFile(join(directory, 'said'), 'utf8'), 'end\n');
});

it('what was not released ends with the spawner', async (t) => {
  const { spawner, start, warm, directory } = await place(t);
  await warm();
  const script = await start('echo begun >> said');
  await spawner.close();
  for (const endMs = performance.now() + 10_000; await leaderRuns(script.leader); await wait(10))
    assert.ok(performance.now() < endMs, 'it waits on');
  assert.equal(await readFile(join(directory, 'said'), 'utf8').catch(() => ''), '');
});
