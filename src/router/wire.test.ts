import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { describe } from 'node:test';
import { type RawBackend, rawBackend, rawClient } from '../ports/traffic/raw-world.ts';
import { eventually, onEachEngine, type RouterWorld } from '../ports/traffic/router-world.ts';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
/** Whether Node lets a server choose which upgrades it grants. */
const nodeAsks = major > 24 || (major === 24 && minor >= 9);
const quiet = { path: '/healthz', intervalMs: 60_000, timeoutMs: 500, failures: 5, successes: 1 };

/** One instance that answers each whole head with what `answer` gives for its path; a POST when its body is there too. */
async function withBackend(
  world: RouterWorld,
  answer: (path: string, socket: Socket, connection: number) => string | null,
  run: (backend: RawBackend) => Promise<void>,
): Promise<void> {
  const told = new WeakMap<Socket, number>();
  const backend = await rawBackend('a', (socket, text, connection) => {
    const heads = [...text.matchAll(/^[A-Z-]+ (\S+) HTTP\/1\.1\r\n[\s\S]*?\r\n\r\n/gm)];
    for (const [, path = ''] of heads.slice(told.get(socket) ?? 0)) {
      if (path === '/healthz') continue;
      const reply = answer(path, socket, connection);
      if (reply !== null) socket.write(reply, 'latin1');
    }
    told.set(socket, heads.length);
  });
  try {
    await world.apply({ stable: [backend], probe: quiet });
    await run(backend);
  } finally {
    await backend.stop();
  }
}

const ok = (body: string, extra = '') =>
  `HTTP/1.1 200 OK\r\n${extra}Content-Length: ${body.length}\r\n\r\n${body}`;
const get = (path: string, extra = '') => `GET ${path} HTTP/1.1\r\nHost: x.test\r\n${extra}\r\n`;
const last = 'Connection: close\r\n';
const bodyOf = (text: string) => text.slice(text.indexOf('\r\n\r\n') + 4);

describe('requests on the wire', () => {
  onEachEngine('are answered in the order in which they came', async (world) => {
    const slow = await world.backend('slow', ({ url }, response) => {
      setTimeout(() => response.end(url), url === '/a' ? 60 : 0);
    });
    await world.apply({ stable: [slow] });
    const client = await rawClient(world);
    client.write(get('/a') + get('/b') + get('/c') + get('/d', last));
    const text = await client.end();
    assert.deepEqual(
      [...text.matchAll(/\/[a-d](?=\r|H|$)/g)].map(([path]) => path),
      ['/a', '/b', '/c', '/d'],
    );
  });

  onEachEngine('are answered even with nonsense behind them', async (world) => {
    const slow = await world.backend('slow', ({ url }, response) => {
      setTimeout(() => response.end(url), 30);
    });
    await world.apply({ stable: [slow] });
    for (const bytes of [`${get('/a')}nonsense\r\n\r\n`, get('/a', last) + get('/b')]) {
      const client = await rawClient(world);
      client.write(bytes);
      assert.match(await client.end(), /^HTTP\/1\.1 200 [\s\S]*\/a/);
    }
    assert.equal(slow.seen.length, 2);
  });

  onEachEngine('may come byte by byte, and many at once', async (world) => {
    const a = await world.backend('a', async (asked, response) => {
      response.end((await asked.toArray()).join(''));
    });
    await world.apply({ stable: [a] });
    const client = await rawClient(world);
    client.socket.setNoDelay(true);
    const post =
      'POST /x HTTP/1.1\r\nHost: x.test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n';
    for (const byte of post) {
      client.write(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await client.until(/hello/);
    client.write(post.repeat(200) + get('/', last));
    assert.equal((await client.end()).match(/hello/g)?.length, 201);
  });

  onEachEngine('keep body, trailers and order of fields on their way', async (world) => {
    const body = `5;a=b\r\nhello\r\n${(70_000).toString(16)}\r\n${'x'.repeat(70_000)}\r\n0\r\nX-Sum: 1\r\n\r\n`;
    const seen: unknown[] = [];
    const a = await world.backend('a', async (asked, response) => {
      let length = 0;
      for await (const chunk of asked) length += (chunk as Buffer).length;
      seen.push(length, asked.trailers['x-sum'], asked.rawHeaders.slice(0, 6));
      response.end('done');
    });
    await world.apply({ stable: [a] });
    const client = await rawClient(world);
    client.write(
      `POST / HTTP/1.1\r\nHost: x.test\r\nX-A: 1\r\nx-b: 2\r\nTransfer-Encoding: chunked\r\n${last}\r\n${body}`,
    );
    assert.match(await client.end(), /^HTTP\/1\.1 200 /);
    assert.deepEqual(seen, [70_005, '1', ['Host', 'x.test', 'X-A', '1', 'x-b', '2']]);
  });

  onEachEngine('lose the fields of their connection, and what Connection names', async (world) => {
    const a = await world.backend('a');
    await world.apply({ stable: [a] });
    const client = await rawClient(world);
    client.write(
      `GET / HTTP/1.1\r\nHost: x.test\r\nConnection: close, X-Hop, Content-Length, Cookie\r\nKeep-Alive: 5\r\n` +
        'TE: trailers\r\nProxy-Connection: x\r\nX-Hop: 1\r\nCookie: c=1\r\nContent-Length: 0\r\nX-Kept: 1\r\n\r\n',
    );
    await client.end();
    const { headers = {} } = a.seen[0] ?? {};
    for (const name of ['keep-alive', 'te', 'proxy-connection', 'x-hop'])
      assert.equal(headers[name], undefined, name);
    assert.deepEqual([headers['x-kept'], headers.cookie, headers['content-length']], ['1', 'c=1', '0']);
  });

  onEachEngine('with a whole URL are for its host, whatever Host says', async (world) => {
    const a = await world.backend('a');
    await world.apply({ stable: [a], hosts: ['right.test'] });
    const client = await rawClient(world);
    client.write(`GET http://right.test/p HTTP/1.1\r\nHost: wrong.test\r\n${last}\r\n`);
    assert.match(await client.end(), /^HTTP\/1\.1 200 /);
    const { headers = {}, url } = a.seen[0] ?? {};
    assert.deepEqual([url, headers.host, headers['x-forwarded-host']], ['/p', 'right.test', 'right.test']);
    const other = await rawClient(world);
    other.write(`GET http://user@right.test/p HTTP/1.1\r\nHost: right.test\r\n${last}\r\n`);
    assert.match(await other.end(), /^HTTP\/1\.1 400 /);
  });

  onEachEngine('never upgrade to HTTP/2, nor with a body, nor with two hosts', async (world) => {
    const a = await world.backend('a', (asked, response) => void asked.pipe(response));
    await world.apply({ stable: [a] });
    const ask = async (upgrade: string, extra: string, body = '') => {
      const client = await rawClient(world);
      const connection = `Connection: Upgrade, close\r\nUpgrade: ${upgrade}\r\n`;
      client.write(`POST / HTTP/1.1\r\nHost: x.test\r\n${connection}${extra}\r\n${body}`);
      return client.end();
    };
    // Node before 24.9 leaves the standard engine no choice but to refuse.
    const refused = /^HTTP\/1\.1 400 /;
    const served = world.engine === 'fast' || nodeAsks ? /^HTTP\/1\.1 200 / : refused;
    assert.match(await ask('h2c', ''), served);
    const whole = await ask('websocket', 'Content-Length: 4\r\n', 'body');
    assert.match(whole, served);
    assert.ok(!served.test('HTTP/1.1 200 ') || whole.includes('body'));
    assert.match(await ask('websocket', 'Transfer-Encoding: chunked\r\n', '4\r\nbody\r\n0\r\n\r\n'), served);
    assert.match(await ask('websocket', 'Host: y.test\r\n'), refused);
    for (const { headers } of a.seen) assert.equal(headers.upgrade, undefined);
  });

  onEachEngine('of HTTP/1.0 are answered without chunks, and the connection ends', async (world) => {
    const a = await world.backend('a', (_asked, response) => {
      response.write('first ');
      response.end('second');
    });
    await world.apply({ stable: [a] });
    const client = await rawClient(world);
    client.write('GET / HTTP/1.0\r\n\r\n');
    const text = await client.end();
    assert.equal(bodyOf(text), 'first second');
    assert.doesNotMatch(text, /transfer-encoding/i);
    assert.equal(a.seen[0]?.headers.host, a.address);
  });

  onEachEngine('that are no requests are answered with 400 and the end', async (world) => {
    const a = await world.backend('a');
    await world.apply({ stable: [a] });
    for (const bytes of [
      'GET / HTTP/1.1\n',
      'GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n',
      'GET / HTTP/1.1\r\n\r\n',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      'GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n',
      'nonsense\r\n\r\n',
    ]) {
      const client = await rawClient(world);
      client.write(bytes);
      assert.match(await client.end(), /^HTTP\/1\.1 400 /, bytes);
    }
    assert.equal(a.seen.length, 0);
  });

  onEachEngine(
    'that come too slowly are answered with 408, with a head too large with 431',
    async (world) => {
      const table = world.table({ stable: [await world.backend('a')] });
      await world.traffic.apply({
        ...table,
        limits: { ...table.limits, clientHeadMs: 100, headBytes: 4_096 },
      });
      const half = await rawClient(world);
      half.write('GET / HTTP/1.1\r\nHost: x.te');
      assert.match(await half.end(), /^HTTP\/1\.1 408 /);
      for (const head of [`X: ${'x'.repeat(65_536)}\r\n`, 'x: y\r\n'.repeat(100_000)]) {
        const large = await rawClient(world);
        large.write(get('/', head));
        assert.match(await large.end(), /^HTTP\/1\.1 431 /);
      }
    },
  );

  onEachEngine('that want a tunnel are told that this is no proxy', async (world) => {
    await world.apply({ stable: [await world.backend('a')] });
    const client = await rawClient(world);
    client.write('CONNECT x.test:443 HTTP/1.1\r\nHost: x.test:443\r\n\r\n');
    assert.match(await client.end(), /^HTTP\/1\.1 405 /);
  });

  onEachEngine('get a 100 only for a body, and the answer after it', async (world) => {
    await world.apply({ stable: [await world.backend('a', (asked, response) => void asked.pipe(response))] });
    const client = await rawClient(world);
    client.write('POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n');
    assert.equal(await client.until(/\r\n\r\n/), 'HTTP/1.1 100 Continue\r\n\r\n');
    client.write(`body${get('/', last)}`);
    const text = await client.end();
    assert.match(text, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\n(4\r\n)?body/);
    const other = await rawClient(world);
    other.write('POST / HTTP/1.1\r\nHost: x\r\nExpect: miracles\r\nContent-Length: 4\r\n\r\n');
    assert.match(await other.until(/\r\n\r\n/), /^HTTP\/1\.1 417 /);
    other.socket.destroy();
  });
});

describe('answers on the wire', () => {
  onEachEngine('without a body end with their head: HEAD, 204 and 304', async (world) => {
    const answers: Record<string, string> = {
      '/head': 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n',
      '/204': 'HTTP/1.1 204 No Content\r\n\r\n',
      '/304': 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n',
      '/last': ok('end'),
    };
    await withBackend(
      world,
      (path) => answers[path] ?? null,
      async (backend) => {
        const client = await rawClient(world);
        client.write(
          `HEAD /head HTTP/1.1\r\nHost: x\r\n\r\n${get('/204')}${get('/304')}${get('/last', last)}`,
        );
        const text = await client.end();
        assert.deepEqual(
          [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status),
          ['200', '204', '304', '200'],
        );
        assert.match(text, /\r\n\r\nend$/);
        if (world.engine === 'fast') assert.equal(backend.seen.length, 1, 'one kept connection');
      },
    );
  });

  onEachEngine('may begin before the request has ended', async (world) => {
    const early = await world.backend('a', (_asked, response) => {
      response.writeHead(403, { 'Content-Length': 2 }).end('no');
    });
    await world.apply({ stable: [early] });
    const client = await rawClient(world);
    client.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhell');
    await client.until(/403[\s\S]*no$/);
    client.write(`o worl${get('/again', last)}`);
    assert.equal((await client.end()).match(/ 403 /g)?.length, 2);
  });

  onEachEngine('come whole to the client when the end of the connection ends them', async (world) => {
    const long = 'y'.repeat(300_000);
    await withBackend(
      world,
      (_path, socket) => {
        socket.end(`HTTP/1.1 200 OK\r\n\r\n${long}`);
        return null;
      },
      async () => {
        const reply = await world.get('/');
        assert.equal(reply.body, long);
      },
    );
  });

  onEachEngine('keep chunks, trailers and fields, and lose those of the connection', async (world) => {
    const chunked =
      'HTTP/1.1 200 OK\r\nX-A: 1\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\n' +
      'Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\nX-B: 2\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 9\r\n\r\n';
    await withBackend(
      world,
      () => chunked,
      async (backend) => {
        for (let i = 0; i < 3; i += 1) {
          const { body, headers } = await world.get('/');
          assert.deepEqual(
            [body, headers['x-a'], headers['x-b'], headers['x-hop']],
            ['ok', '1', '2', undefined],
          );
        }
        const client = await rawClient(world);
        client.write(get('/', last));
        assert.match(await client.end(), /0\r\nX-Sum: 9\r\n\r\n$/);
        assert.equal(backend.seen.filter((text) => text.includes('GET / ')).length, 1, 'one kept connection');
      },
    );
  });

  for (const [title, bytes] of [
    ['nonsense', 'not HTTP\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc'],
    ['both framings', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['a bare LF', 'HTTP/1.1 200 OK\nContent-Length: 0\n\n'],
    [
      'a 101 that nobody asked for',
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
    ],
    ['a head of 256 KiB', `HTTP/1.1 200 OK\r\n${`X: ${'y'.repeat(1_000)}\r\n`.repeat(256)}\r\n`],
  ] as const) {
    onEachEngine(`that are ${title} become a 502`, async (world) => {
      await withBackend(
        world,
        () => bytes,
        async () => {
          assert.equal((await world.get('/')).status, 502);
          assert.equal((await world.counted('a'))?.bad, 1);
        },
      );
    });
  }

  onEachEngine('of another request are never taken for those of the next', async (world) => {
    const doubled = ok('first') + ok('second');
    await withBackend(
      world,
      (path) => (path === '/twice' ? doubled : ok('right')),
      async () => {
        for (let i = 0; i < 5; i += 1) {
          assert.equal((await world.get('/twice')).body, 'first');
          assert.equal((await world.get('/once')).body, 'right');
        }
      },
    );
  });

  onEachEngine('that stop too early or stand still break the connection off', async (world) => {
    const half = 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf';
    await withBackend(
      world,
      (path, socket) => {
        if (path === '/stop') socket.end(half);
        else socket.write(half);
        return null;
      },
      async (backend) => {
        const table = world.table({ stable: [backend], probe: quiet });
        await world.traffic.apply({ ...table, limits: { ...table.limits, idleMs: 100 } });
        for (const path of ['/stop', '/stand']) {
          const client = await rawClient(world);
          client.write(get(path));
          assert.match(await client.end(), /half$/);
        }
        await eventually(async () => (await world.counted('a'))?.inFlight === 0);
      },
    );
  });

  onEachEngine('of early hints travel on or are left out, and a 100 is never sent twice', async (world) => {
    const hints = `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n${ok('page')}`;
    await withBackend(
      world,
      () => hints,
      async () => {
        const client = await rawClient(world);
        client.write(get('/', last));
        const text = await client.end();
        assert.doesNotMatch(text, / 100 /);
        assert.match(text, /(?:^|\r\n\r\n)HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\npage$/);
        if (world.engine === 'fast')
          assert.match(text, /^HTTP\/1\.1 103 Early Hints\r\nLink: <\/a\.css>\r\n\r\n/);
      },
    );
  });

  onEachEngine(
    'are asked for once more when a kept connection has just been closed, and only when that is safe',
    async (world) => {
      const closing = (path: string, socket: Socket, connection: number) => {
        if (path !== '/warm' && connection === 0) {
          socket.destroy();
          return null;
        }
        return ok(path);
      };
      await withBackend(world, closing, async () => {
        assert.equal((await world.get('/warm')).body, '/warm');
        assert.equal((await world.get('/again')).body, '/again');
        const counted = await world.counted('a');
        assert.deepEqual([counted?.requests, counted?.bad], [2, 0]);
      });
      await withBackend(world, closing, async () => {
        assert.equal((await world.get('/warm')).body, '/warm');
        assert.equal((await world.get('/order', { method: 'POST' }, 'x')).status, 502);
      });
    },
  );

  onEachEngine('end the connection of a client when the router closes, idle ones at once', async (world) => {
    const held = await world.backend('a', ({ url }, response) => {
      if (url === '/held') setTimeout(() => response.end('held'), 150);
      else response.end('short');
    });
    await world.apply({ stable: [held] });
    const [idle, busy] = [await rawClient(world), await rawClient(world)];
    idle.write(get('/short'));
    await idle.until(/short$/);
    busy.write(get('/held'));
    await eventually(async () => held.seen.length === 2);
    await world.stop({ graceMs: 5_000 });
    assert.equal(idle.text().match(/HTTP/g)?.length, 1);
    assert.match(await busy.end(), world.engine === 'fast' ? /connection: close[\s\S]*held/i : /held/);
  });
});
