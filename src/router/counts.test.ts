import assert from 'node:assert/strict';
import { request } from 'node:http';
import { latencyEdgesMs } from '../base/latency-buckets.ts';
import { eventually, onEachEngine, target, web } from '../ports/traffic/router-world.ts';

onEachEngine(
  'counts requests, bad ones, client errors, safe ones and latency for each instance',
  async (world) => {
    const a = await world.backend('a', ({ url }, response) => {
      const status = Number(url?.split('/')[2] ?? 200);
      const answer = () => response.writeHead(status).end();
      if (url?.startsWith('/slow')) setTimeout(answer, 80);
      else answer();
    });
    const b = await world.backend('b', undefined, 'R-1');
    await world.apply({ stable: [a], candidate: [b], match: [{ header: { name: 'x-b' } }] });
    for (const status of [200, 204, 302, 404, 404, 500, 503]) await world.get(`/status/${status}`);
    await world.get('/status/500', { method: 'POST' }, 'x');
    await world.get('/slow/200');
    await world.get('/b', { headers: { 'x-b': '1' } });
    const counts = await world.traffic.counts(web);
    const of = (name: string) => counts.instances.find(({ instance }) => instance === name);
    const { latency = [], ...counted } = of('a') ?? {};
    assert.deepEqual(counted, {
      instance: 'a',
      generation: 'R-0',
      requests: 9,
      bad: 3,
      clientErrors: 2,
      shielded: 0,
      safeRequests: 8,
      safeBad: 2,
      statuses: { '2xx': 3, '3xx': 1, '4xx': 2, '5xx': 3, error: 0 },
      abandoned: [],
      inFlight: 0,
    });
    assert.equal(
      latency.reduce((sum, [, count]) => sum + count, 0),
      9,
    );
    const slowest = latency.at(-1)?.[0] ?? 0;
    assert.ok((latencyEdgesMs[slowest] ?? 0) >= 79, `${latencyEdgesMs[slowest]} ms`);
    assert.deepEqual([of('b')?.requests, of('b')?.generation], [1, 'R-1']);
    assert.equal(
      counts.slots.reduce((sum, { requests }) => sum + requests, 0),
      10,
    );
    assert.equal(
      counts.slots.reduce((sum, { bad }) => sum + bad, 0),
      3,
    );
    const notFound = counts.routes.find(({ route }) => route === 'GET /status/:n');
    assert.deepEqual(notFound?.statuses, { '2xx': 2, '3xx': 1, '4xx': 2, '5xx': 2 });
  },
);

onEachEngine('counts a client that went away before the head as abandoned, never as bad', async (world) => {
  const a = await world.backend('a', () => {});
  await world.apply({ stable: [a] });
  const asked = request({ ...target(world.listen), path: '/' });
  asked.on('error', () => {});
  asked.end();
  await eventually(async () => a.seen.length === 1);
  assert.equal((await world.counted('a'))?.inFlight, 1);
  asked.destroy();
  await eventually(async () => (await world.counted('a'))?.inFlight === 0);
  const counted = await world.counted('a');
  assert.deepEqual([counted?.requests, counted?.bad, counted?.abandoned.length], [0, 0, 1]);
});

onEachEngine('counts what it answers itself as unserved', async (world) => {
  await world.apply({ mode: 'maintenance', stable: [await world.backend('a')] });
  const reply = await world.get('/');
  assert.equal(reply.status, 503);
  assert.match(reply.body, /Back in a moment/);
  assert.ok(reply.headers['retry-after']);
  await world.apply({});
  assert.equal((await world.get('/')).status, 503);
  assert.equal((await world.traffic.counts(web)).unserved, 2);
});

onEachEngine(
  'begins a new epoch and serves its routes from the first moment after a restart',
  async (world) => {
    const table = await world.apply({ stable: [await world.backend('a')] });
    await world.get('/');
    const before = await world.traffic.counts(web);
    await world.stop();
    await world.start();
    assert.equal((await world.get('/')).body, 'a');
    const after = await world.traffic.counts(web);
    assert.notEqual(after.epoch, before.epoch);
    assert.equal(after.instances[0]?.requests, 1);
    const { fence, version } = table;
    assert.deepEqual(await world.traffic.apply(table), { fence, version });
    await assert.rejects(world.traffic.apply({ ...table, version: version - 1 }), {
      code: 'route-table-stale',
    });
  },
);
