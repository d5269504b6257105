import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { rawBackend, rawClient } from '../ports/traffic/raw-world.ts';
import { eventually, onEachEngine, RouterWorld } from '../ports/traffic/router-world.ts';

const probe = { path: '/healthz', intervalMs: 60_000, timeoutMs: 500, failures: 5, successes: 1 };
const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x.test\r\n\r\n`;

describe('a client that reads nothing', () => {
  it('gets no further answers until it reads, and then all of them', async (test) => {
    const world = await RouterWorld.open(test, 'fast');
    const long = 'x'.repeat(40_000);
    const a = await world.backend(
      'a',
      ({ url }, response) => void response.end(url === '/long' ? long : 's'),
    );
    await world.apply({ stable: [a] });
    const asked = 400;
    const client = await rawClient(world);
    client.socket.pause();
    client.write(get('/long').repeat(asked));
    for (let i = 0; i < 200; i += 1) assert.equal((await world.get('/short')).body, 's');
    const ofClient = () => a.seen.filter(({ url }) => url === '/long').length;
    assert.ok(ofClient() < asked, 'they pile up in the router');
    client.socket.resume();
    await eventually(async () => client.text().match(/HTTP\/1\.1 200/g)?.length === asked);
    assert.equal((await world.counted('a'))?.bad, 0);
    client.socket.destroy();
  });

  it("is not read itself once the router's own answers wait for it", async (test) => {
    const world = await RouterWorld.open(test, 'fast');
    const a = await world.backend('a');
    await world.apply({ stable: [a], hosts: ['served.test'] });
    const client = await rawClient(world);
    client.socket.pause();
    for (let i = 0; i < 24; i += 1) client.write(get('/').repeat(25_000));
    for (let i = 0; i < 300; i += 1) await world.get('/', { headers: { Host: 'served.test' } });
    assert.ok(client.socket.writableLength > 0);
    client.socket.destroy();
  });

  onEachEngine('is cut off in time, and the instance is not to blame', async (world) => {
    const a = await world.backend('a', (_asked, response) => void response.end('x'.repeat(30_000_000)));
    const table = world.table({ stable: [a] });
    await world.traffic.apply({ ...table, limits: { ...table.limits, idleMs: 200 } });
    const client = await rawClient(world);
    client.socket.pause();
    client.write(get('/'));
    await eventually(async () => (await world.counted('a'))?.requests === 1);
    await eventually(async () => (await world.counted('a'))?.inFlight === 0);
    assert.equal((await world.counted('a'))?.bad, 0);
    client.socket.destroy();
  });
});

describe('an instance that', () => {
  onEachEngine('answers early and leaves holds no upload that nobody takes', async (world) => {
    const early = await rawBackend('a', (socket) => {
      socket.pause().end('HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno');
    });
    try {
      const table = world.table({ stable: [early], probe });
      await world.traffic.apply({ ...table, limits: { ...table.limits, idleMs: 200 } });
      const half = await rawClient(world);
      half.write('POST / HTTP/1.1\r\nHost: x.test\r\nContent-Length: 9\r\n\r\nhalf');
      assert.match(await half.end(), / 413 [\s\S]*no$/);
      const client = await rawClient(world);
      client.write('POST / HTTP/1.1\r\nHost: x.test\r\nContent-Length: 50000000\r\n\r\n');
      client.socket.write(Buffer.alloc(20_000_000));
      await client.until(/ 413 [\s\S]*no$/);
      await eventually(async () => (await world.counted('a'))?.inFlight === 0);
      client.socket.destroy();
    } finally {
      await early.stop();
    }
  });

  for (const [framing, body] of [
    ['Content-Length: 4', 'evil'],
    ['Transfer-Encoding: chunked', '4\r\nevil\r\n0\r\n\r\n'],
  ] as const) {
    it(`sends the body of a 204 late (${framing}) harms no other request`, async (test) => {
      const world = await RouterWorld.open(test, 'fast');
      const odd = await rawBackend('a', (socket) => {
        socket.write(`HTTP/1.1 204 No Content\r\n${framing}\r\n\r\n`);
        setTimeout(() => socket.write(body), 5);
      });
      test.after(() => odd.stop());
      await world.apply({ stable: [odd], probe });
      for (let i = 0; i < 5; i += 1) {
        const reply = await world.get('/');
        assert.deepEqual([reply.status, reply.body], [204, '']);
        assert.equal(reply.headers['transfer-encoding'], undefined);
        assert.equal(reply.headers['content-length'], undefined);
      }
      assert.equal((await world.counted('a'))?.bad, 0);
    });
  }
});
