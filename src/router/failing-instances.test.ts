import assert from 'node:assert/strict';
import { eventually, onEachEngine } from '../ports/traffic/router-world.ts';

const slowProbe = { path: '/healthz', intervalMs: 60_000, timeoutMs: 500, failures: 2, successes: 1 };

onEachEngine(
  'takes an instance out when its health probes fail, and back when they are good',
  async (world) => {
    const stable = [await world.backend('a'), await world.backend('b')];
    await world.apply({ stable });
    const [a] = stable;
    assert.ok(a);
    a.healthy = false;
    const three = async () =>
      (await Promise.all([1, 2, 3].map(() => world.get('/')))).map(({ body }) => body);
    await eventually(async () => (await three()).every((body) => body === 'b'));
    assert.ok((await three()).every((body) => body === 'b'));
    a.healthy = true;
    await eventually(async () => (await three()).includes('a'));
  },
);

onEachEngine(
  'takes a dead instance out within a second while nobody asks, however seldom its probe is due',
  async (world) => {
    const stable = [await world.backend('a'), await world.backend('b')];
    await world.apply({ stable, probe: slowProbe });
    await stable[0]?.stop();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    for (let i = 0; i < 6; i += 1) assert.equal((await world.get('/')).body, 'b');
    assert.equal((await world.counted('a'))?.bad ?? 0, 0);
  },
);

onEachEngine('probes at its own pace although tables come faster', async (world) => {
  const stable = [await world.backend('a'), await world.backend('b')];
  const probe = { ...slowProbe, intervalMs: 150, failures: 1 };
  await world.apply({ stable, probe });
  if (stable[0]) stable[0].healthy = false;
  await eventually(async () => {
    await world.apply({ stable, probe });
    const bodies = await Promise.all([1, 2, 3, 4].map(() => world.get('/')));
    return bodies.every(({ body }) => body === 'b');
  });
});

onEachEngine(
  'serves a refused request on another instance and counts it as bad for the one that refused',
  async (world) => {
    const stable = [await world.backend('a'), await world.backend('b')];
    await world.apply({ stable, probe: slowProbe });
    await stable[0]?.stop();
    const replies = await Promise.all(
      Array.from({ length: 6 }, (_, i) =>
        world.get('/', { method: i % 2 ? 'POST' : 'GET' }, i % 2 ? 'x' : ''),
      ),
    );
    assert.ok(replies.every(({ status, body }) => status === 200 && body === 'b'));
    const counted = await world.counted('a');
    assert.equal(counted?.bad, counted?.requests);
    assert.ok((counted?.statuses.error ?? 0) <= 6);
  },
);

onEachEngine(
  'serves users from stable when the only candidate refuses, but not from a candidate of weight 0',
  async (world) => {
    const stable = [await world.backend('s')];
    const candidate = [await world.backend('c', undefined, 'R-1')];
    await world.apply({ stable, candidate, candidateWeight: 10_000, probe: slowProbe });
    await candidate[0]?.stop();
    assert.equal((await world.get('/')).body, 's');
    assert.equal((await world.counted('c'))?.bad, 1);
    const other = [await world.backend('c2', undefined, 'R-2')];
    await world.apply({ stable, candidate: other, candidateWeight: 0, probe: slowProbe });
    await stable[0]?.stop();
    assert.ok((await world.get('/')).status >= 502);
    assert.equal((await world.get('/')).status, 503);
    assert.equal(other[0]?.seen.length, 0);
  },
);

onEachEngine('answers 504 when the head does not come in time, and counts it as bad', async (world) => {
  const stable = [await world.backend('a', () => {})];
  const table = world.table({ stable });
  await world.traffic.apply({ ...table, limits: { ...table.limits, upstreamHeadMs: 60 } });
  assert.equal((await world.get('/')).status, 504);
  const counted = await world.counted('a');
  assert.deepEqual([counted?.requests, counted?.bad, counted?.statuses.error], [1, 1, 1]);
  assert.deepEqual(counted?.latency, []);
  await eventually(async () => (await world.counted('a'))?.inFlight === 0);
});

onEachEngine('answers 502 for a reset, without sending a POST twice', async (world) => {
  const stable = [await world.backend('a', (asked) => asked.socket.destroy())];
  await world.apply({ stable });
  assert.equal((await world.get('/', { method: 'POST' }, 'order')).status, 502);
  assert.equal(stable[0]?.seen.length, 1);
  assert.equal((await world.counted('a'))?.bad, 1);
});

onEachEngine('breaks the response off when the instance does, and counts it as bad once', async (world) => {
  const breaking = await world.backend('a', ({ url }, response) => {
    if (url === '/whole') return void response.end('whole');
    response.writeHead(200, { 'Content-Length': 10 });
    response.write('half', () => response.socket?.destroy());
  });
  await world.apply({ stable: [breaking] });
  await assert.rejects(world.get('/half'));
  await world.get('/whole');
  const counted = await world.counted('a');
  assert.deepEqual([counted?.requests, counted?.bad], [2, 1]);
});
