import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { type Clock, systemClock } from '../../base/clock.ts';
import { startRouter } from '../../router/router.ts';
import { beatHeader } from '../../router/watch-beats.ts';
import { RouterWatch } from './router-watch.ts';

/** Twenty times as fast as the system's. */
const fast: Clock = {
  now: systemClock.now,
  monotonicMs: () => 20 * systemClock.monotonicMs(),
  after: (delayMs, callback) => systemClock.after(delayMs / 20, callback),
};

it('hears a router that works again and again, and tells of its end and its return', async (test) => {
  const stateDir = await mkdtemp(join(tmpdir(), 'sluice-watch-'));
  const socketPath = join(stateDir, 'r.sock');
  const start = () => startRouter({ stateDir, socketPath, clock: fast, random: Math.random });
  let router = await start();
  test.after(async () => {
    await router.close();
    await rm(stateDir, { recursive: true, force: true });
  });
  const news = { heard: 0, lost: 0, reached: 0 };
  const three = Promise.withResolvers<void>();
  const back = Promise.withResolvers<void>();
  const watch = new RouterWatch(
    { socketPath, clock: fast },
    {
      heard: () => {
        news.heard += 1;
        if (news.heard === 3) three.resolve();
      },
      lost: () => {
        news.lost += 1;
      },
      reached: () => {
        news.reached += 1;
        back.resolve();
      },
    },
  );
  test.after(() => watch.close());
  await three.promise;
  assert.deepEqual(news, { heard: 3, lost: 0, reached: 0 });
  await router.close();
  router = await start();
  await back.promise;
  assert.ok(news.lost >= 1);
  assert.equal(news.reached, 1);
});

it('says nothing more to a watch that did not ask for beats', async (test) => {
  const stateDir = await mkdtemp(join(tmpdir(), 'sluice-watch-'));
  const socketPath = join(stateDir, 'r.sock');
  const router = await startRouter({ stateDir, socketPath, clock: fast, random: Math.random });
  test.after(async () => {
    await router.close();
    await rm(stateDir, { recursive: true, force: true });
  });
  const heard = (headers: Record<string, string>) => {
    const chunks: string[] = [];
    const two = Promise.withResolvers<void>();
    const asked = request({ socketPath, path: '/watch', agent: false, headers }, (response) => {
      response.on('error', () => {});
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk.toString());
        if (chunks.length === 3) two.resolve();
      });
    });
    asked.on('error', () => {});
    asked.end();
    test.after(() => asked.destroy());
    return { chunks, two: two.promise };
  };
  const silent = heard({});
  const beating = heard({ [beatHeader]: 'yes' });
  await beating.two;
  assert.deepEqual(beating.chunks.slice(1), ['\n', '\n']);
  assert.equal(silent.chunks.length, 1);
});
