import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe } from 'node:test';
import type { EdgeSettings } from '../base/route-table.ts';
import { rawClient } from '../ports/traffic/raw-world.ts';
import {
  eventually,
  onEachEngine,
  type RouterWorld,
  type TestBackend,
} from '../ports/traffic/router-world.ts';

const versioned = (backend: TestBackend, version: string) => ({ ...backend, version });
const asking = { headers: { 'Sluice-Debug': 'version' } };

describe('the version that answered', () => {
  onEachEngine('is named to whoever asks, and to nobody else', async (world) => {
    const one = await world.backend('one');
    await world.apply({ stable: [versioned(one, '2.4.0')] });
    const { headers, body } = await world.get('/', asking);
    assert.equal(body, 'one');
    assert.equal(headers['sluice-version'], '2.4.0');
    assert.equal(headers['server-timing'], 'sluice;desc="2.4.0 stable one"');
    assert.equal(one.seen[0]?.headers['sluice-debug'], undefined);
    for (const other of [{}, { headers: { 'Sluice-Debug': 'everything' } }])
      assert.equal((await world.get('/', other)).headers['sluice-version'], undefined);
  });

  onEachEngine('is named to all or to none where the table says so', async (world) => {
    const one = await world.backend('one');
    await world.apply({ stable: [versioned(one, '2.4.0')], edge: { nameVersion: 'always' } });
    assert.equal((await world.get('/')).headers['sluice-version'], '2.4.0');
    await world.apply({ stable: [versioned(one, '2.4.0')], edge: { nameVersion: 'off' } });
    assert.equal((await world.get('/', asking)).headers['sluice-version'], undefined);
  });

  onEachEngine('is the one of the instance that answered in the place of another', async (world) => {
    const bad = await world.backend('bad', (_asked, response) => void response.writeHead(500).end(), 'R-2');
    const good = await world.backend('good');
    await world.apply({
      stable: [versioned(good, '1.0.0')],
      candidate: [versioned(bad, '2.0.0')],
      candidateWeight: 10_000,
      shield: { budgetPercent: 100 },
    });
    const { headers } = await world.get('/', asking);
    assert.equal(headers['server-timing'], 'sluice;desc="1.0.0 stable good shielded"');
  });

  onEachEngine('cannot end its header', async (world) => {
    const one = await world.backend('one');
    await world.apply({ stable: [versioned(one, '1"\r\nX-Evil: 1')] });
    const { headers } = await world.get('/', asking);
    assert.equal(headers['x-evil'], undefined);
    assert.equal(headers['sluice-version'], '1___X-Evil: 1');
  });
});

describe('the access log of a router', () => {
  const logged = async (world: RouterWorld, lines: number): Promise<Record<string, unknown>[]> => {
    const path = join(world.stateDir, 'access.log');
    const text = async () => readFile(path, 'utf8').catch(() => '');
    await eventually(async () => (await text()).split('\n').length > lines);
    return (await text())
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  };
  const edge = (world: RouterWorld, sample = 1): EdgeSettings => ({
    accessLog: { path: join(world.stateDir, 'access.log'), sample, queryValues: ['page'] },
  });

  onEachEngine('tells what became of each request, and no secret', async (world) => {
    const one = await world.backend('one', (asked, response) => {
      response.setHeader('Set-Cookie', 'session=SECRET');
      response.writeHead(asked.url === '/none' ? 404 : 200).end('hello');
    });
    await world.apply({ stable: [versioned(one, '2.4.0')], edge: edge(world) });
    await world.get('/a?page=2&token=SECRET', { headers: { Authorization: 'SECRET', Cookie: 'c=SECRET' } });
    await world.get('/none', { method: 'HEAD' });
    await world.get('/upload', { method: 'POST' }, 'SECRET');
    const lines = await logged(world, 3);
    assert.doesNotMatch(JSON.stringify(lines), /SECRET/);
    const { time, durationMs, ...first } = lines[0] ?? {};
    assert.ok(Math.abs(Date.parse(String(time)) - Date.now()) < 60_000);
    assert.ok(Number(durationMs) > 0);
    assert.deepEqual(first, {
      target: 'web@production',
      method: 'GET',
      path: '/a?page=2&token=*',
      status: 200,
      bytes: 5,
      version: '2.4.0',
      instance: 'one',
      arm: 'stable',
      shielded: false,
    });
    assert.deepEqual(
      lines.slice(1).map(({ method, status, bytes }) => [method, status, bytes]),
      [
        ['HEAD', 404, 0],
        ['POST', 200, 5],
      ],
    );
  });

  onEachEngine('has what was shielded, what the router said, and chunked bodies', async (world) => {
    const bad = await world.backend('bad', (_asked, response) => void response.writeHead(500).end(), 'R-2');
    const good = await world.backend('good', (_asked, response) => {
      response.write('first ');
      response.end('second');
    });
    const stable = [good];
    const shield = { budgetPercent: 100 };
    await world.apply({ stable, candidate: [bad], candidateWeight: 10_000, shield, edge: edge(world) });
    await world.get('/');
    await world.apply({ mode: 'maintenance', stable, edge: edge(world) });
    const page = await world.get('/');
    const lines = await logged(world, 2);
    assert.deepEqual(
      lines.map(({ status, bytes, instance, shielded }) => [status, bytes, instance, shielded]),
      [
        [200, 12, 'good', true],
        [503, Buffer.byteLength(page.body), null, false],
      ],
    );
  });

  onEachEngine('has the failure of an instance and the client that left', async (world) => {
    const broken = await world.backend('broken', (asked, response) => {
      if (asked.url === '/reset') asked.socket.destroy();
      else if (asked.url !== '/wait') response.end();
    });
    await world.apply({ stable: [broken], edge: edge(world) });
    await world.get('/reset');
    const client = await rawClient(world);
    client.write('GET /wait HTTP/1.1\r\nHost: x.test\r\n\r\n');
    await eventually(async () => broken.seen.some(({ url }) => url === '/wait'));
    client.socket.destroy();
    const lines = await logged(world, 2);
    assert.deepEqual(
      lines.map(({ path, status }) => [path, status]),
      [
        ['/reset', 502],
        ['/wait', null],
      ],
    );
  });

  onEachEngine('leaves out what the sample does, and says so in the rest', async (world) => {
    const one = await world.backend('one');
    await world.apply({ stable: [one], edge: edge(world, 0.5) });
    for (let i = 0; i < 200; i += 1) await world.get('/');
    await world.stop();
    const lines = await logged(world, 1);
    assert.ok(lines.length > 50 && lines.length < 150, String(lines.length));
    assert.ok(lines.every(({ sample }) => sample === 0.5));
  });
});
