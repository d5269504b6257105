import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type RequestListener, request } from 'node:http';
import type { RouteTable } from '../base/route-table.ts';
import {
  eventually,
  instance,
  onEachEngine,
  type RouterWorld,
  target,
  web,
} from '../ports/traffic/router-world.ts';

const shield = { budgetPercent: 20 };

/** Stable answers `s` unless told otherwise; the candidate, which gets every request, answers as given. */
async function shielded(
  world: RouterWorld,
  candidate: RequestListener,
  { over = {}, stable }: { readonly over?: Partial<RouteTable>; readonly stable?: RequestListener } = {},
) {
  const s = await world.backend('s', stable);
  const c = await world.backend('c', candidate, 'R-1');
  await world.apply({ stable: [s], candidate: [c], candidateWeight: 10_000, shield, ...over });
  const counted = async (name: string) => {
    const { requests = 0, bad = 0, shielded = 0, inFlight = 0 } = (await world.counted(name)) ?? {};
    return { requests, bad, shielded, inFlight };
  };
  return { s, c, counted };
}

const limitsWith = (world: RouterWorld, upstreamHeadMs: number) => ({
  ...world.table().limits,
  upstreamHeadMs,
});
const failing: RequestListener = (_asked, response) => void response.writeHead(503).end('broken');

for (const method of ['GET', 'HEAD', 'OPTIONS']) {
  onEachEngine(
    `has stable answer a ${method} that the candidate fails, and counts it against the candidate alone`,
    async (world) => {
      const { counted } = await shielded(world, failing);
      const reply = await world.get('/page', { method });
      assert.deepEqual([reply.status, reply.body], [200, method === 'HEAD' ? '' : 's']);
      assert.deepEqual(await counted('c'), { requests: 1, bad: 1, shielded: 1, inFlight: 0 });
      assert.deepEqual(await counted('s'), { requests: 0, bad: 0, shielded: 0, inFlight: 0 });
      const { slots, routes } = await world.traffic.counts(
        (await import('../ports/traffic/router-world.ts')).web,
      );
      assert.deepEqual(
        slots.map(({ generation, bad }) => [generation, bad]),
        [['R-1', 1]],
      );
      assert.deepEqual(
        routes.map(({ statuses }) => statuses),
        [{ '5xx': 1 }],
      );
    },
  );
}

onEachEngine(
  'uses the connection to a failing candidate again, and passes on whole answers of any length',
  async (world) => {
    const ports = new Set<number | undefined>();
    await shielded(
      world,
      (asked, response) => {
        ports.add(asked.socket.remotePort);
        response.writeHead(500, { 'Content-Length': 6 }).end('broken');
      },
      { stable: (_asked, response) => void response.end('s'.repeat(300_000)) },
    );
    for (let i = 0; i < 5; i += 1) assert.equal((await world.get('/')).body.length, 300_000);
    assert.equal(ports.size, 1);
  },
);

onEachEngine('shields a reset, and a head that is nonsense', async (world) => {
  const { counted } = await shielded(world, ({ url, socket }) => {
    if (url === '/nonsense') socket.end('not HTTP at all\r\n\r\n');
    else socket.destroy();
  });
  assert.equal((await world.get('/reset')).body, 's');
  assert.equal((await world.get('/nonsense')).body, 's');
  assert.deepEqual(await counted('c'), { requests: 2, bad: 2, shielded: 2, inFlight: 0 });
});

onEachEngine(
  'shields a candidate that hangs past the deadline, and gives stable a deadline of its own',
  async (world) => {
    const { counted, s, c } = await shielded(world, () => {}, {
      stable: ({ url }, response) => void (url === '/slow' ? null : response.end('s')),
    });
    await world.apply({
      stable: [s],
      candidate: [c],
      candidateWeight: 10_000,
      shield,
      limits: limitsWith(world, 80),
    });
    assert.equal((await world.get('/')).body, 's');
    assert.equal((await world.get('/slow')).status, 504);
    assert.deepEqual(await counted('c'), { requests: 2, bad: 2, shielded: 1, inFlight: 0 });
    assert.equal((await counted('s')).bad, 0);
  },
);

onEachEngine('asks stable as soon as the deadline of the shield is over', async (world) => {
  const { counted, s, c } = await shielded(world, () => {});
  const all = { stable: [s], candidate: [c], candidateWeight: 10_000 };
  await world.apply({ ...all, shield: { ...shield, headMs: 80 } });
  const began = performance.now();
  assert.equal((await world.get('/')).body, 's');
  assert.ok(performance.now() - began < 5_000, 'it waited for the deadline of the limits');
  assert.deepEqual(await counted('c'), { requests: 1, bad: 1, shielded: 1, inFlight: 0 });
});

onEachEngine('learns from stable how long to wait for the candidate', async (world) => {
  const { counted, s, c } = await shielded(world, ({ url }, response) => {
    if (url === '/fine') response.end('c');
  });
  const arms = { stable: [s], candidate: [c], shield: { ...shield, headMs: 'auto' as const } };
  await world.apply({ ...arms, candidateWeight: 0 });
  for (let i = 0; i < 100; i += 1) assert.equal((await world.get('/')).body, 's');
  await world.apply({ ...arms, candidateWeight: 10_000 });
  const began = performance.now();
  assert.equal((await world.get('/')).body, 's');
  const waitedMs = performance.now() - began;
  assert.ok(waitedMs >= 950 && waitedMs < 8_000, `it waited ${waitedMs} ms`);
  assert.equal((await world.get('/fine')).body, 'c');
  assert.deepEqual(await counted('c'), { requests: 2, bad: 1, shielded: 1, inFlight: 0 });
});

onEachEngine('waits to the end for what nobody may answer instead', async (world) => {
  const slow: RequestListener = (_asked, response) => void setTimeout(() => response.end('c'), 300);
  const { counted, s, c } = await shielded(world, slow);
  const all = { stable: [s], candidate: [c], candidateWeight: 10_000 };
  const impatient = { ...shield, headMs: 50 };
  await world.apply({ ...all, shield: { ...impatient, budgetPercent: 0 } });
  const users = Array.from({ length: 50 }, () => world.get('/'));
  await Promise.all(users);
  assert.equal((await world.get('/')).body, 'c');
  await world.apply({ ...all, stable: [], shield: impatient });
  assert.equal((await world.get('/')).body, 'c');
  await world.apply({ ...all, shield: impatient });
  assert.equal((await world.get('/', { method: 'POST' }, 'order')).body, 'c');
  assert.equal((await counted('c')).bad, (await counted('c')).shielded);
});

onEachEngine('does not touch an answer that has begun', async (world) => {
  const { counted, s } = await shielded(world, (_asked, response) => {
    response.writeHead(200, { 'Content-Length': 10 });
    response.write('half', () => response.socket?.destroy());
  });
  await assert.rejects(world.get('/'));
  assert.equal(s.seen.length, 0);
  assert.equal((await counted('c')).shielded, 0);
});

onEachEngine('never sends on what has a body or is not safe, not even an empty POST', async (world) => {
  const { counted, s } = await shielded(world, failing);
  assert.equal((await world.get('/', { method: 'POST' }, 'order')).status, 503);
  assert.equal((await world.get('/', { method: 'POST' })).status, 503);
  assert.equal((await world.get('/', { method: 'DELETE' })).status, 503);
  assert.equal(
    (await world.get('/', { method: 'GET', headers: { 'Content-Length': 4 } }, 'body')).status,
    503,
  );
  const chunked = { method: 'GET', headers: { 'Transfer-Encoding': 'chunked' } };
  assert.equal((await world.get('/', chunked, 'body')).status, 503);
  assert.equal(s.seen.length, 0);
  assert.deepEqual(await counted('c'), { requests: 5, bad: 5, shielded: 0, inFlight: 0 });
});

onEachEngine('never sends on an upgrade', async (world) => {
  const { s } = await shielded(world, failing);
  const asked = request({
    ...target(world.listen),
    headers: { Connection: 'Upgrade', Upgrade: 'websocket' },
  });
  asked.end();
  const [response] = await once(asked, 'response');
  assert.equal(response.statusCode, 503);
  response.resume();
  await once(response, 'close');
  assert.equal(s.seen.length, 0);
});

onEachEngine('does nothing unless the table says so, and nothing for stable', async (world) => {
  const { c } = await shielded(world, failing, { stable: failing });
  assert.equal((await world.get('/')).status, 503);
  const s = await world.backend('s2', (_asked, response) => void response.end('s2'));
  await world.apply({ stable: [s], candidate: [c], candidateWeight: 10_000 });
  assert.equal((await world.get('/')).body, 'broken');
  assert.equal((await world.counted('c'))?.shielded, 0);
});

onEachEngine(
  'gives the answer of stable when that fails too, and counts it for nobody but the candidate',
  async (world) => {
    const { counted } = await shielded(world, failing, {
      stable: (_asked, response) => void response.writeHead(500).end('also broken'),
    });
    assert.equal((await world.get('/')).body, 'also broken');
    assert.deepEqual(await counted('c'), { requests: 1, bad: 1, shielded: 0, inFlight: 0 });
    assert.equal((await counted('s')).requests, 0);
  },
);

onEachEngine('stops at the budget', async (world) => {
  const { counted } = await shielded(world, failing);
  const replies = [];
  for (let i = 0; i < 100; i += 1) replies.push((await world.get('/')).status);
  assert.equal(replies.filter((status) => status === 200).length, 49);
  assert.deepEqual(await counted('c'), { requests: 100, bad: 100, shielded: 49, inFlight: 0 });
});

onEachEngine('shields what was under way on a candidate that is taken back, and cut off', async (world) => {
  const { counted, s } = await shielded(world, () => {});
  const reply = world.get('/');
  await eventually(async () => (await counted('c')).inFlight === 1);
  await world.apply({ stable: [s], shield });
  await world.traffic.drained(web, instance('c'), { deadlineMs: 10 });
  assert.equal((await reply).body, 's');
  assert.deepEqual(await counted('c'), { requests: 1, bad: 1, shielded: 1, inFlight: 0 });
});

onEachEngine('asks nobody while everything waits or the maintenance page is up', async (world) => {
  const { c, s, counted } = await shielded(world, () => {});
  for (const mode of ['pause', 'maintenance'] as const) {
    const reply = world.get('/');
    await eventually(async () => (await counted('c')).inFlight === 1);
    await world.apply({ mode, stable: [s], shield });
    await world.traffic.drained(web, instance('c'), { deadlineMs: 10 });
    assert.equal((await reply).status, 502);
    await world.apply({ stable: [s], candidate: [c], candidateWeight: 10_000, shield });
  }
  assert.equal(s.seen.length, 0);
});

onEachEngine('does not ask a version that was promoted meanwhile in its own place', async (world) => {
  const { c, counted } = await shielded(world, (_asked, response) => {
    setTimeout(() => response.writeHead(500).end('broken'), 200);
  });
  const reply = world.get('/');
  await eventually(async () => (await counted('c')).inFlight === 1);
  const c2 = await world.backend('c2', undefined, 'R-1');
  await world.apply({ stable: [c, c2], shield });
  assert.equal((await reply).body, 'broken');
});

onEachEngine('counts a refused request that another instance answered as shielded', async (world) => {
  const { c, counted } = await shielded(world, failing, {
    over: { probe: { path: '/healthz', intervalMs: 60_000, timeoutMs: 500, failures: 2, successes: 1 } },
  });
  await c.stop();
  assert.equal((await world.get('/', { method: 'POST' }, 'order')).body, 's');
  assert.deepEqual(await counted('c'), { requests: 1, bad: 1, shielded: 1, inFlight: 0 });
});

onEachEngine('lets go of a request whose client leaves while stable is asked', async (world) => {
  const { s, counted } = await shielded(world, failing, { stable: () => {} });
  const asked = request({ ...target(world.listen), path: '/' });
  asked.on('error', () => {});
  asked.end();
  await eventually(async () => s.seen.length === 1);
  asked.destroy();
  await eventually(async () => (await counted('s')).inFlight === 0);
  assert.deepEqual(await counted('c'), { requests: 1, bad: 1, shielded: 1, inFlight: 0 });
});
