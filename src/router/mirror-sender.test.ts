import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { it, type TestContext } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { type CopiedRequest, MirrorSender } from './mirror-sender.ts';

/** An instance that never answers. */
async function silent(test: TestContext) {
  const server: Server = createServer((socket) => void socket.on('error', () => {}).resume());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  test.after(() => void server.close());
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const request: CopiedRequest = {
    address,
    method: 'GET',
    path: '/',
    headers: ['Host', 'x.test'],
    headMs: 10_000,
  };
  return { server, request };
}

it('ends what is under way without an outcome when it closes, also to who gets nothing any more', async (test) => {
  for (const stillKept of [true, false]) {
    const { server, request } = await silent(test);
    const sender = new MirrorSender(systemClock);
    sender.keep(new Set([request.address]));
    let outcomes = 0;
    sender.send(request, () => {
      outcomes += 1;
    });
    const [socket] = (await once(server, 'connection')) as [Socket];
    if (!stillKept) sender.keep(new Set());
    const closed = once(socket, 'close');
    sender.close();
    await closed;
    assert.equal(outcomes, 0);
  }
});

it('sends nothing that it was given right before it closed', async (test) => {
  const { server, request } = await silent(test);
  const sender = new MirrorSender(systemClock);
  sender.send(request, () => assert.fail('it has an outcome'));
  sender.close();
  const other = new MirrorSender(systemClock);
  other.send({ ...request, path: '/other' }, () => {});
  const [socket] = (await once(server, 'connection')) as [Socket];
  const [first] = await once(socket, 'data');
  assert.match(String(first), /^GET \/other /);
  other.close();
});

it('tells of a head that cannot be written, and does not throw', async (test) => {
  const { request } = await silent(test);
  const sender = new MirrorSender(systemClock);
  const seen = await new Promise((resolve) =>
    sender.send({ ...request, headers: ['X', 'a\r\nb'] }, (one) => resolve(one)),
  );
  assert.equal(seen, null);
  assert.equal(sender.isFull, false);
  sender.close();
});

it('fails a copy at its deadline', async (test) => {
  const { request } = await silent(test);
  const sender = new MirrorSender(systemClock);
  const end = await new Promise((resolve) =>
    sender.send({ ...request, headMs: 50 }, (seen, whole) => resolve({ seen, whole })),
  );
  assert.deepEqual(end, { seen: { status: null, latencyMs: null }, whole: false });
  sender.close();
});

it('gives up an idle connection before a server does, and not before it could be used again', async (test) => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {}).on('data', () => socket.write('HTTP/1.1 204 No Content\r\n\r\n'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  test.after(() => void server.close());
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const sender = new MirrorSender(systemClock);
  test.after(() => sender.close());
  const copy = () =>
    new Promise((resolve) =>
      sender.send({ address, method: 'GET', path: '/', headers: ['Host', 'x'], headMs: 5_000 }, resolve),
    );
  await copy();
  await new Promise(setImmediate);
  await copy();
  assert.equal(sockets.length, 1);
  const begun = performance.now();
  await once(sockets[0] as Socket, 'close');
  assert.ok(performance.now() - begun < 2_000);
});
