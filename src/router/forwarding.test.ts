import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { eventually, onEachEngine, target, web } from '../ports/traffic/router-world.ts';

onEachEngine('holds requests while paused and loses none of them', async (world) => {
  const [a, b] = [await world.backend('a'), await world.backend('b')];
  await world.apply({ stable: [a] });
  await world.apply({ stable: [a], mode: 'pause' });
  const replies = Array.from({ length: 40 }, (_, i) =>
    i % 2 ? world.get('/', { method: 'POST', headers: { expect: '100-continue' } }, 'x') : world.get('/'),
  );
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(a.seen.length, 0);
  await world.apply({ stable: [b] });
  for (const { status, body } of await Promise.all(replies)) assert.deepEqual([status, body], [200, 'b']);
  assert.equal(a.seen.length, 0);
  assert.equal((await world.traffic.counts(web)).unserved, 0);
});

onEachEngine('asks for a body only when the pause is over', async (world) => {
  const a = await world.backend('a', (asked, response) => void asked.pipe(response));
  await world.apply({ stable: [a], mode: 'pause' });
  const asked = request({ ...target(world.listen), method: 'POST', headers: { expect: '100-continue' } });
  let continued = false;
  asked.on('continue', () => {
    continued = true;
    asked.end('the body');
  });
  asked.flushHeaders();
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(continued, false);
  await world.apply({ stable: [a] });
  const [response] = await once(asked, 'response');
  assert.equal(String((await response.toArray()).join('')), 'the body');
});

onEachEngine('answers 503 when the pause lasts too long or too many wait', async (world) => {
  const table = world.table({ mode: 'pause', stable: [await world.backend('a')] });
  await world.traffic.apply({ ...table, limits: { ...table.limits, pauseMs: 50, pausedRequests: 1 } });
  const replies = await Promise.all([world.get('/'), world.get('/')]);
  assert.deepEqual(
    replies.map(({ status }) => status),
    [503, 503],
  );
  assert.equal((await world.traffic.counts(web)).unserved, 2);
});

onEachEngine('passes an upgrade through and bytes both ways', async (world) => {
  const a = await world.backend('a');
  a.server.on('upgrade', (asked, socket: Socket) => {
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: ${asked.headers.upgrade}\r\nConnection: Upgrade\r\n\r\nhello `,
    );
    socket.pipe(socket);
  });
  await world.apply({ stable: [a] });
  const { host, port } = target(world.listen);
  const client = connect(port, host);
  let text = '';
  client.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk;
  });
  client.write('GET /ws HTTP/1.1\r\nHost: x.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  await eventually(async () => text.endsWith('hello '));
  assert.match(text, /^HTTP\/1\.1 101 [\s\S]*upgrade: websocket/i);
  client.write('and back');
  await eventually(async () => text.endsWith('hello and back'));
  const counted = await world.counted('a');
  assert.deepEqual([counted?.requests, counted?.latency, counted?.inFlight], [1, [], 1]);
  client.end();
  await once(client, 'close');
  await eventually(async () => (await world.counted('a'))?.inFlight === 0);
});

onEachEngine('streams both ways before either side has ended', async (world) => {
  await world.apply({ stable: [await world.backend('a', (asked, response) => void asked.pipe(response))] });
  const asked = request({ ...target(world.listen), method: 'POST' });
  asked.write('first');
  const [response] = await once(asked, 'response');
  assert.equal(String((await once(response, 'data'))[0]), 'first');
  asked.write('second');
  assert.equal(String((await once(response, 'data'))[0]), 'second');
  asked.end();
  await once(response, 'end');
});

onEachEngine('hands on who asked and how, and keeps connection headers to itself', async (world) => {
  const a = await world.backend('a');
  await world.apply({ stable: [a] });
  const headers = { host: 'shop.test', connection: 'x-hop', 'x-hop': '1', 'x-forwarded-for': '10.0.0.1' };
  await world.get('/', { headers });
  const seen = a.seen[0]?.headers ?? {};
  assert.equal(seen.host, 'shop.test');
  assert.equal(seen['x-forwarded-for'], '10.0.0.1, 127.0.0.1');
  assert.equal(seen['x-forwarded-host'], 'shop.test');
  assert.equal(seen['x-forwarded-proto'], 'http');
  assert.equal(seen['x-hop'], undefined);
});

onEachEngine('refuses heads and bodies above their limits', async (world) => {
  const table = world.table({ stable: [await world.backend('a')] });
  await world.traffic.apply({ ...table, limits: { ...table.limits, headBytes: 2_000, bodyBytes: 100 } });
  assert.equal((await world.get('/', { headers: { 'x-long': 'x'.repeat(3_000) } })).status, 431);
  assert.equal((await world.get('/', { method: 'POST' }, 'x'.repeat(101))).status, 413);
  const chunked = { 'transfer-encoding': 'chunked' };
  assert.equal((await world.get('/', { method: 'POST', headers: chunked }, 'x'.repeat(101))).status, 413);
  assert.equal((await world.get('/', { method: 'POST' }, 'x'.repeat(100))).status, 200);
});
