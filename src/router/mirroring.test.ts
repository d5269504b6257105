import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type RequestListener, request } from 'node:http';
import type { SparseHistogram } from '../base/counts.ts';
import { latencyEdgesMs } from '../base/latency-buckets.ts';
import type { Backend, RouteTable } from '../base/route-table.ts';
import { rawClient } from '../ports/traffic/raw-world.ts';
import { eventually, onEachEngine, type RouterWorld, target, web } from '../ports/traffic/router-world.ts';
import { mostCopies } from './mirror-sender.ts';

const everything = 10_000;

const mirrorTo = ({ instance, generation, address }: Backend, share = everything) => ({
  backends: [{ instance, generation, address }],
  share,
});

/** Stable `s` answers users; the candidate `c` gets copies of all their requests. */
async function mirrored(
  world: RouterWorld,
  candidate?: RequestListener,
  { over = {}, stable }: { readonly over?: Partial<RouteTable>; readonly stable?: RequestListener } = {},
) {
  const s = await world.backend('s', stable);
  const c = await world.backend('c', candidate, 'R-1');
  await world.apply({ stable: [s], mirror: mirrorTo(c), ...over });
  const counted = async () => {
    const { mirror = [] } = await world.traffic.counts(web);
    assert.ok(mirror.length <= 1);
    return mirror[0];
  };
  /** What was counted when so many copies have their outcome. */
  const after = async (copies: number) => {
    await eventually(async () => (await counted())?.candidate.requests === copies);
    const counts = await counted();
    assert.ok(counts);
    return counts;
  };
  return { s, c, counted, after };
}

const impatient = (world: RouterWorld) => ({
  limits: { ...world.table().limits, upstreamHeadMs: 300 },
});
const upgrading = { Connection: 'Upgrade', Upgrade: 'websocket' };

onEachEngine('copies each safe request as stable gets it, marked as a copy', async (world) => {
  const { s, c, after } = await mirrored(world);
  const headers = {
    host: 'shop.test',
    cookie: 'a=1',
    connection: 'x-hop',
    'x-hop': '1',
    'x-twice': ['1', '2'],
    'x-forwarded-for': '10.0.0.1',
    'sluice-debug': 'version',
    'sluice-mirror': 'no',
  };
  for (const method of ['GET', 'HEAD', 'OPTIONS'])
    assert.equal((await world.get('/page/7?q=%20x', { method, headers })).status, 200);
  const { generation, candidate, stable, skipped, routes } = await after(3);
  assert.deepEqual(
    { generation, candidate, stable, skipped },
    {
      generation: 'R-1',
      candidate: { requests: 3, bad: 0 },
      stable: { requests: 3, bad: 0 },
      skipped: 0,
    },
  );
  assert.deepEqual(
    routes.map(({ route, requests, differences }) => [route, requests, differences]),
    ['GET', 'HEAD', 'OPTIONS'].map((method) => [`${method} /page/:n`, 1, []]),
  );
  for (const [i, original] of s.seen.entries()) {
    const { connection: _theirs, ...expected } = original.headers;
    const { connection: _own, ...got } = c.seen[i]?.headers ?? {};
    assert.equal(expected['sluice-mirror'], undefined);
    assert.deepEqual(got, { ...expected, 'sluice-mirror': 'true' });
    assert.deepEqual([c.seen[i]?.method, c.seen[i]?.url], [original.method, original.url]);
  }
});

onEachEngine('names its own address to copies of requests without a host', async (world) => {
  const { c, after } = await mirrored(world);
  const client = await rawClient(world);
  client.write('GET /old HTTP/1.0\r\n\r\n');
  await client.end();
  await after(1);
  assert.equal(c.seen[0]?.headers.host, c.address);
});

onEachEngine(
  'copies nothing that may change something, has a body, or asks for an upgrade',
  async (world) => {
    const { s, c, after } = await mirrored(world);
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'TRACE']) await world.get('/', { method });
    await world.get('/', { method: 'POST' }, 'order');
    await world.get('/', { headers: { 'Content-Length': 4 } }, 'body');
    await world.get('/', { headers: { 'Transfer-Encoding': 'chunked' } }, 'body');
    const asked = request({ ...target(world.listen), headers: upgrading });
    asked.end();
    const [response] = await once(asked, 'response');
    response.resume();
    await once(response, 'close');
    await world.get('/last');
    const { candidate, stable } = await after(1);
    assert.deepEqual(
      c.seen.map(({ url }) => url),
      ['/last'],
    );
    assert.equal(s.seen.length, 10);
    assert.deepEqual(candidate, { requests: 1, bad: 0 });
    assert.deepEqual(stable, { requests: 4, bad: 0 });
  },
);

onEachEngine('lets no client say that its request is a copy', async (world) => {
  const s = await world.backend('s');
  await world.apply({ stable: [s] });
  await world.get('/', { headers: { 'Sluice-Mirror': 'true' } });
  await world.get('/', { method: 'POST', headers: { 'SLUICE-MIRROR': 'true' } }, 'order');
  const asked = request({ ...target(world.listen), headers: { ...upgrading, 'sluice-mirror': 'true' } });
  asked.end();
  const [response] = await once(asked, 'response');
  response.resume();
  await once(response, 'close');
  assert.equal(s.seen.length, 3);
  for (const { headers } of s.seen) assert.equal(headers['sluice-mirror'], undefined);
});

onEachEngine('never answers a user with a copy, not even while stable is down', async (world) => {
  const { s, counted } = await mirrored(world);
  await s.stop();
  for (let i = 0; i < 5; i += 1) {
    const { status, body } = await world.get('/');
    assert.ok(status === 502 || status === 503, String(status));
    assert.notEqual(body, 'c');
  }
  assert.equal((await counted())?.stable.bad ?? 0, (await counted())?.stable.requests ?? 0);
});

const failures: readonly (readonly [what: string, status: string, candidate: RequestListener])[] = [
  ['a 5xx', '503', (_asked, response) => void response.writeHead(503).end('broken')],
  ['a reset', 'error', ({ socket }) => void socket.destroy()],
  ['nonsense', 'error', ({ socket }) => void socket.end('not HTTP at all\r\n\r\n')],
  ['no answer', 'error', () => {}],
  [
    'another protocol',
    'error',
    ({ socket }) =>
      void socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'),
  ],
];
for (const [what, status, candidate] of failures) {
  onEachEngine(`counts ${what} against the candidate alone, and no user sees it`, async (world) => {
    const { after, counted } = await mirrored(world, candidate, { over: impatient(world) });
    const reply = await world.get('/');
    assert.deepEqual([reply.status, reply.body], [200, 's']);
    if (what === 'no answer') assert.equal((await counted())?.candidate.requests, 0);
    const counts = await after(1);
    assert.deepEqual(counts.candidate, { requests: 1, bad: 1 });
    assert.deepEqual(counts.stable, { requests: 1, bad: 0 });
    assert.deepEqual(counts.routes[0]?.differences, [{ stable: '200', candidate: status, requests: 1 }]);
    assert.equal(counts.routes[0]?.candidateLatency.length, status === '503' ? 1 : 0);
    assert.equal((await world.counted('s'))?.bad, 0);
    assert.equal(await world.counted('c'), undefined);
  });
}

onEachEngine('counts a candidate that is not there', async (world) => {
  const { c, after } = await mirrored(world);
  await c.stop();
  for (let i = 0; i < 5; i += 1) assert.equal((await world.get('/')).body, 's');
  assert.deepEqual((await after(5)).candidate, { requests: 5, bad: 5 });
});

onEachEngine('counts an answer of the candidate that breaks off', async (world) => {
  const { after } = await mirrored(world, (_asked, response) => {
    response.writeHead(200, { 'Content-Length': 10 });
    response.write('half', () => response.socket?.destroy());
  });
  assert.equal((await world.get('/')).body, 's');
  const { candidate, routes } = await after(1);
  assert.deepEqual(candidate, { requests: 1, bad: 1 });
  assert.deepEqual(routes[0]?.differences, []);
});

onEachEngine('reads little of a long answer, and not for long', async (world) => {
  let [written, closed] = [0, 0];
  const { after } = await mirrored(world, ({ url }, response) => {
    response.once('close', () => {
      closed += 1;
    });
    if (url === '/slow') {
      response.write('first');
      return;
    }
    const more = () => {
      while (!response.destroyed && written < 200_000_000) {
        written += 100_000;
        if (!response.write('x'.repeat(100_000))) return void response.once('drain', more);
      }
    };
    more();
  });
  assert.equal((await world.get('/huge')).body, 's');
  assert.deepEqual((await after(1)).candidate, { requests: 1, bad: 0 });
  await eventually(async () => closed === 1);
  assert.ok(written < 50_000_000, `${written} bytes`);
  assert.equal((await world.get('/slow')).body, 's');
  assert.deepEqual((await after(2)).candidate, { requests: 2, bad: 0 });
  await eventually(async () => closed === 2);
});

onEachEngine('has 64 copies under way at most, and counts what it skips', async (world) => {
  const waiting: (() => void)[] = [];
  const { c, after, counted } = await mirrored(
    world,
    (_asked, response) => void waiting.push(() => response.end('c')),
  );
  for (let i = 0; i < mostCopies + 6; i += 1) assert.equal((await world.get('/')).body, 's');
  await eventually(async () => waiting.length === mostCopies);
  const { skipped, stable, candidate } = (await counted()) ?? {};
  assert.deepEqual([skipped, stable?.requests, candidate?.requests], [6, mostCopies + 6, 0]);
  for (const answer of waiting.splice(0)) answer();
  assert.equal((await after(mostCopies)).routes[0]?.requests, mostCopies);
  await world.get('/');
  await eventually(async () => waiting.length === 1);
  assert.equal(c.seen.length, mostCopies + 1);
});

onEachEngine('uses a connection again, and sends no copy twice when one breaks', async (world) => {
  const ports = new Set<number | undefined>();
  const { c, after } = await mirrored(world, ({ url, socket }, response) => {
    ports.add(socket.remotePort);
    if (url === '/3') socket.destroy();
    else response.end('c'.repeat(10_000));
  });
  for (let i = 1; i <= 4; i += 1) {
    await world.get(`/${i}`);
    await after(i);
  }
  assert.deepEqual(
    c.seen.map(({ url }) => url),
    ['/1', '/2', '/3', '/4'],
  );
  assert.equal(ports.size, 2);
  assert.deepEqual((await after(4)).candidate, { requests: 4, bad: 1 });
});

onEachEngine('compares statuses and the times of both heads by route', async (world) => {
  const { after } = await mirrored(
    world,
    ({ url }, response) =>
      void setTimeout(() => response.writeHead(url === '/gone/1' ? 410 : 200).end(), 120),
    { stable: ({ url }, response) => void response.writeHead(url === '/gone/2' ? 500 : 200).end() },
  );
  for (const path of ['/gone/1', '/gone/2', '/gone/3', '/']) await world.get(path);
  const { stable, routes } = await after(4);
  assert.deepEqual(stable, { requests: 4, bad: 1 });
  const gone = routes.find(({ route }) => route === 'GET /gone/:n');
  assert.ok(gone);
  const { differences, requests, stableLatency, candidateLatency } = gone;
  assert.equal(requests, 3);
  const sorted = differences.toSorted((a, b) => Number(a.stable) - Number(b.stable));
  assert.deepEqual(sorted, [
    { stable: '200', candidate: '410', requests: 1 },
    { stable: '500', candidate: '200', requests: 1 },
  ]);
  const sum = (histogram: SparseHistogram) => histogram.reduce((all, [, count]) => all + count, 0);
  assert.deepEqual([sum(stableLatency), sum(candidateLatency)], [3, 3]);
  for (const [bucket] of candidateLatency) assert.ok((latencyEdgesMs[bucket] ?? 0) >= 119);
});

onEachEngine('leaves no pair of a client that went away, and counts its copy', async (world) => {
  const { s, after } = await mirrored(world, undefined, { stable: () => {} });
  const asked = request({ ...target(world.listen), path: '/' });
  asked.on('error', () => {});
  asked.end();
  await eventually(async () => s.seen.length === 1);
  asked.destroy();
  await eventually(async () => (await world.counted('s'))?.inFlight === 0);
  const { candidate, stable, routes } = await after(1);
  assert.deepEqual([candidate.requests, stable.requests, routes], [1, 0, []]);
});

onEachEngine('ends the copy of a request whose client gave up on both, and counts neither', async (world) => {
  const gone = Promise.withResolvers<void>();
  const hangs: RequestListener = ({ socket }) => void socket.once('close', gone.resolve);
  const { s, c, counted } = await mirrored(world, hangs, { stable: () => {} });
  const asked = request({ ...target(world.listen), path: '/' });
  asked.on('error', () => {});
  asked.end();
  await eventually(async () => s.seen.length === 1 && c.seen.length === 1);
  asked.destroy();
  await gone.promise;
  await eventually(async () => (await world.counted('s'))?.inFlight === 0);
  assert.equal((await counted())?.candidate.requests ?? 0, 0);
});

onEachEngine('copies a request that waited for the end of a pause once', async (world) => {
  const { s, c, after } = await mirrored(world, undefined, { over: { mode: 'pause' } });
  const reply = world.get('/');
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(c.seen.length, 0);
  await world.apply({ stable: [s], mirror: mirrorTo(c) });
  assert.equal((await reply).body, 's');
  assert.equal((await after(1)).stable.requests, 1);
});

onEachEngine('copies nothing of what goes to the candidate of users', async (world) => {
  const d = await world.backend('d', undefined, 'R-2');
  const { c, counted } = await mirrored(world, undefined, {
    over: { candidate: [d], match: [{ header: { name: 'x-d' } }] },
  });
  assert.equal((await world.get('/', { headers: { 'x-d': '1' } })).body, 'd');
  assert.equal((await world.get('/last')).body, 's');
  await eventually(async () => c.seen.length === 1);
  assert.deepEqual([c.seen[0]?.url, (await counted())?.stable.requests], ['/last', 1]);
});

onEachEngine(
  'ends copying and its connections with the table, and begins again with another',
  async (world) => {
    const { s, c, after, counted } = await mirrored(world);
    await world.get('/');
    await after(1);
    await world.apply({ stable: [s] });
    const connections = () =>
      new Promise<number>((resolve) => c.server.getConnections((_error, count) => resolve(count)));
    // Long before idle connections end by themselves.
    await eventually(async () => (await connections()) === 0, 2_000);
    await world.get('/');
    assert.equal((await counted())?.stable.requests, 1);
    await world.apply({ stable: [s], mirror: mirrorTo(c) });
    await world.get('/again');
    assert.equal((await after(2)).stable.requests, 2);
    assert.deepEqual(
      c.seen.map(({ url }) => url),
      ['/', '/again'],
    );
  },
);

onEachEngine('shares copies out among the instances, and does not probe them', async (world) => {
  let probes = 0;
  const s = await world.backend('s');
  const receivers = [
    await world.backend('c1', undefined, 'R-1'),
    await world.backend('c2', undefined, 'R-1'),
  ];
  for (const { server } of receivers)
    server.on('request', ({ url }) => {
      if (url === '/healthz') probes += 1;
    });
  const backends = receivers.flatMap((one) => mirrorTo(one).backends);
  await world.apply({ stable: [s], mirror: { backends, share: everything } });
  for (let i = 0; i < 10; i += 1) await world.get('/');
  await eventually(async () => receivers.every(({ seen }) => seen.length === 5));
  assert.equal(probes, 0);
  assert.deepEqual(
    (await world.traffic.counts(web)).instances.map(({ instance }) => instance),
    ['s'],
  );
});

onEachEngine('ends the copies that are under way when the target is removed', async (world) => {
  const { c } = await mirrored(world, () => {});
  const closed = once(c.server, 'connection').then(([socket]) => once(socket, 'close'));
  assert.equal((await world.get('/')).body, 's');
  await eventually(async () => c.seen.length === 1);
  await world.traffic.remove(web);
  await closed;
});
