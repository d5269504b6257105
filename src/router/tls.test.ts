import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { type RequestOptions, request } from 'node:https';
import { connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import { describe } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import type { EdgeSettings } from '../base/route-table.ts';
import { eventually, onEachEngine, type RouterWorld, target } from '../ports/traffic/router-world.ts';
import { type SelfSigned, selfSigned } from '../ports/traffic/self-signed.ts';

const shop = selfSigned(['shop.test']);

async function put(world: RouterWorld, made: SelfSigned, name = 'server'): Promise<EdgeSettings> {
  const tls = { certificate: join(world.stateDir, `${name}.crt`), key: join(world.stateDir, `${name}.key`) };
  await writeFile(tls.certificate, made.certificate);
  await writeFile(tls.key, made.key);
  return { tls };
}

function ask(world: RouterWorld, options: RequestOptions, body?: string) {
  return new Promise<{ status: number; body: string }>((resolve, reject) => {
    const asked = request({ ...target(world.listen), agent: false, ...options }, (response) => {
      response.setEncoding('utf8').on('error', reject);
      void response.toArray().then((parts) => {
        resolve({ status: response.statusCode ?? 0, body: parts.join('') });
      }, reject);
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

/** A connection that trusts only what was made for this host. */
async function client(world: RouterWorld, made: SelfSigned, servername = 'shop.test'): Promise<TLSSocket> {
  const socket = connect({ ...target(world.listen), ca: made.certificate, servername });
  socket.on('error', () => {});
  await once(socket, 'secureConnect');
  return socket;
}

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: shop.test\r\n\r\n`;

async function answer(socket: TLSSocket, path: string): Promise<string> {
  let text = '';
  const read = (chunk: Buffer) => {
    text += chunk.toString('latin1');
  };
  socket.on('data', read);
  socket.write(get(path));
  await eventually(async () => /\r\n\r\n\w+$/.test(text));
  socket.off('data', read);
  return text;
}

/** The name in the certificate that a new client is shown. */
async function shown(world: RouterWorld, servername: string): Promise<string> {
  const socket = connect({ ...target(world.listen), servername, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return String(subject.CN);
}

describe('TLS', () => {
  onEachEngine('carries requests and bodies, and tells the instance so', async (world) => {
    const one = await world.backend('one', async (asked, response) => {
      response.end(`${(await asked.toArray()).join('').length} ${'x'.repeat(300_000)}`);
    });
    await world.apply({ stable: [one], edge: await put(world, shop) });
    const options = { ca: shop.certificate, servername: 'shop.test', path: '/', method: 'POST' };
    const { status, body } = await ask(world, options, 'y'.repeat(500_000));
    assert.equal(status, 200);
    assert.equal(body.length, 7 + 300_000);
    assert.ok(body.startsWith('500000 '));
    assert.equal(one.seen[0]?.headers['x-forwarded-proto'], 'https');
    assert.equal(one.seen[0]?.headers['x-forwarded-for'], '127.0.0.1');
  });

  onEachEngine('carries an upgrade', async (world) => {
    const one = await world.backend('one');
    one.server.on('upgrade', (_request, socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
      socket.pipe(socket);
    });
    await world.apply({ stable: [one], edge: await put(world, shop) });
    const socket = await client(world, shop);
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    socket.write('GET /ws HTTP/1.1\r\nHost: shop.test\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
    await eventually(async () => text.includes('101'));
    socket.write('hello');
    await eventually(async () => text.endsWith('hello'));
    socket.destroy();
  });

  onEachEngine('shows each client the certificate of the host it names', async (world) => {
    const api = selfSigned(['api.test']);
    const [one, two] = [await world.backend('one'), await world.backend('two')];
    await world.apply({ stable: [one], hosts: ['shop.test'], edge: await put(world, shop) });
    await world.apply({
      target: 'api@production' as never,
      stable: [two],
      hosts: ['api.test'],
      edge: await put(world, api, 'api'),
    });
    assert.deepEqual(
      [await shown(world, 'shop.test'), await shown(world, 'API.test')],
      ['shop.test', 'api.test'],
    );
    const options = { ca: api.certificate, servername: 'api.test', headers: { Host: 'api.test' } };
    assert.equal((await ask(world, options)).body, 'two');
  });

  onEachEngine('takes new files by itself, and drops no connection', async (world) => {
    const one = await world.backend('one');
    await world.apply({ stable: [one], edge: await put(world, shop) });
    const before = await client(world, shop);
    assert.match(await answer(before, '/1'), /one$/);
    const renewed = selfSigned(['renewed.test']);
    await put(world, renewed);
    await eventually(async () => (await shown(world, 'shop.test')) === 'renewed.test', 10_000);
    assert.match(await answer(before, '/2'), /one$/);
    before.destroy();
  });

  onEachEngine('stays with the certificate of before when the new one cannot be used', async (world) => {
    const one = await world.backend('one');
    await world.apply({ stable: [one], edge: await put(world, shop) });
    await put(world, { ...shop, key: selfSigned(['other.test']).key });
    const old = selfSigned(['old.test'], { from: 0, to: 86_400_000 });
    await world.apply({ stable: [one], edge: await put(world, old, 'old') });
    assert.equal(await shown(world, 'shop.test'), 'shop.test');
    await put(world, selfSigned(['mended.test']), 'old');
    await eventually(async () => (await shown(world, 'shop.test')) === 'mended.test', 10_000);
  });

  onEachEngine('refuses a first table whose certificate cannot be used', async (world) => {
    const one = await world.backend('one');
    const old = selfSigned(['old.test'], { from: 0, to: 86_400_000 });
    const stable = [one];
    await assert.rejects(world.apply({ stable, edge: await put(world, old) }), {
      code: 'certificate-expired',
    });
    const mixed = { ...shop, key: old.key };
    await assert.rejects(world.apply({ stable, edge: await put(world, mixed) }), {
      code: 'certificate-key-mismatch',
    });
    await world.apply({ stable, edge: await put(world, shop) });
    assert.equal(await shown(world, 'shop.test'), 'shop.test');
  });

  onEachEngine('is there again when the router starts, even with what ran out meanwhile', async (world) => {
    const one = await world.backend('one');
    await world.apply({ stable: [one], edge: await put(world, shop) });
    await world.stop();
    await put(world, selfSigned(['late.test'], { from: 0, to: 86_400_000 }));
    await world.start();
    assert.equal(await shown(world, 'shop.test'), 'late.test');
  });

  onEachEngine('can be switched on and off on a listening address', async (world) => {
    const one = await world.backend('one');
    await world.apply({ stable: [one] });
    assert.equal((await world.get('/', { agent: false })).body, 'one');
    await world.apply({ stable: [one], edge: await put(world, shop) });
    assert.equal((await ask(world, { ca: shop.certificate, servername: 'shop.test' })).body, 'one');
    await assert.rejects(world.get('/', { agent: false }));
    await world.apply({ stable: [one] });
    assert.equal((await world.get('/', { agent: false })).body, 'one');
  });

  onEachEngine('does not mind clients that send half a handshake, nonsense, or only h2', async (world) => {
    const one = await world.backend('one');
    await world.apply({ stable: [one], edge: await put(world, shop) });
    const { host, port } = target(world.listen);
    for (const bytes of ['', '\x16\x03\x01\x02', 'GET / HTTP/1.1\r\n\r\n', '\x00'.repeat(5_000)]) {
      const socket = connectTcp(port, host).on('error', () => {});
      await once(socket, 'connect');
      socket.end(bytes, 'latin1');
    }
    const h2 = connect({ host, port, ca: shop.certificate, servername: 'shop.test', ALPNProtocols: ['h2'] });
    const [error] = await once(h2, 'error');
    assert.match(String(error), /no application protocol/i);
    assert.equal((await ask(world, { ca: shop.certificate, servername: 'shop.test' })).body, 'one');
  });

  onEachEngine('shows that an answer without a length was cut off', async (world) => {
    const one = await world.backend('one', (_asked, response) => {
      response.writeHead(200, { Connection: 'close', 'Transfer-Encoding': 'chunked' }).write('half');
      setTimeout(() => response.destroy(), 50);
    });
    await world.apply({ stable: [one], edge: await put(world, shop) });
    await assert.rejects(ask(world, { ca: shop.certificate, servername: 'shop.test' }));
  });
});
