import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, request, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { keepSettings } from '../../router/router-settings.ts';
import { ask, eventually, target, web } from './router-world.ts';
import { isGone, load, upgradesOnEachEngine } from './upgrade-world.ts';

upgradesOnEachEngine(
  'loses no request and no count over three upgrades under load',
  async ({ world, apply, upgrade, traffic, counted, listen, pid }) => {
    await apply(await world.backend('one'));
    const epoch = (await traffic.counts(web)).epoch;
    const users = load(target(listen), 12);
    const pids = [pid];
    let last = 0;
    const readings = async () => {
      const { requests = 0 } = (await counted('one')) ?? {};
      assert.ok(requests >= last, `${requests} after ${last}`);
      last = requests;
    };
    for (let round = 1; round <= 3; round += 1) {
      await eventually(async () => users.seen.answered > round * 300);
      await readings();
      pids.push(await upgrade());
      await eventually(() =>
        readings().then(
          () => true,
          () => false,
        ),
      );
    }
    await eventually(async () => users.seen.answered > 1_500);
    await users.end();
    assert.deepEqual(users.seen.problems, []);
    assert.equal(new Set(pids).size, 4);
    await eventually(async () => (await counted('one'))?.requests === users.seen.answered);
    assert.equal((await traffic.counts(web)).epoch, epoch);
    const { instances, slots, routes } = await traffic.counts(web);
    assert.equal(
      slots.reduce((sum, one) => sum + one.requests, 0),
      users.seen.answered,
    );
    assert.equal(
      routes.reduce((sum, one) => sum + (one.statuses['2xx'] ?? 0), 0),
      users.seen.answered,
    );
    assert.equal(
      instances[0]?.latency.reduce((sum, [, count]) => sum + count, 0),
      users.seen.answered,
    );
    for (const old of pids.slice(0, -1)) await eventually(() => isGone(old));
  },
);

upgradesOnEachEngine(
  'ends a request where it began, counts it, and drains its instance only then',
  async ({ world, apply, upgrade, traffic, counted, listen, pid }) => {
    let finish = () => {};
    const slow = await world.backend('slow', (_asked, response) => {
      response.write('begun ');
      finish = () => response.end('ended');
    });
    await apply(slow);
    const agent = new Agent({ keepAlive: true });
    const asked = request({ ...target(listen), agent }).end();
    const [response] = await once(asked, 'response');
    await upgrade();
    await eventually(async () => (await counted('slow').catch(() => undefined))?.inFlight === 1);
    await apply(await world.backend('other'));
    const drained = traffic.drained(web, slow.instance, { deadlineMs: 10_000 });
    assert.equal(await Promise.race([drained, traffic.counts(web).then(() => 'not yet')]), 'not yet');
    finish();
    assert.equal((await response.setEncoding('utf8').toArray()).join(''), 'begun ended');
    assert.deepEqual(await drained, { cutOff: 0 });
    assert.equal((await counted('slow'))?.requests, 1);
    agent.destroy();
    await eventually(() => isGone(pid));
  },
);

upgradesOnEachEngine(
  'keeps a WebSocket where it is, and cuts it off when its drain is over',
  async ({ world, apply, upgrade, traffic, listen, pid }) => {
    const chat = await world.backend('chat');
    chat.server.on('upgrade', (_request, socket) => {
      socket.on('error', () => {});
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
      socket.pipe(socket);
    });
    await apply(chat);
    const { host, port } = target(listen);
    const client = connect(port, host).setEncoding('utf8');
    client.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
    await once(client, 'data');
    await upgrade();
    client.write('still here');
    assert.deepEqual(await once(client, 'data'), ['still here']);
    assert.equal(await isGone(pid), false);
    await eventually(() =>
      apply().then(
        () => true,
        () => false,
      ),
    );
    const closed = once(client, 'close');
    assert.deepEqual(await traffic.drained(web, chat.instance, { deadlineMs: 50 }), { cutOff: 1 });
    await closed;
    await eventually(() => isGone(pid));
  },
);

upgradesOnEachEngine('lets one of two upgrades win', async ({ world, apply, upgrade, listen }) => {
  await apply(await world.backend('one'));
  const ends = await Promise.allSettled([upgrade(), upgrade()]);
  assert.deepEqual(ends.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
  const lost = ends.find((end) => end.status === 'rejected');
  assert.match(lost?.reason.code, /router-upgrading|router-unreachable/);
  assert.equal((await ask({ ...target(listen), path: '/' })).body, 'one');
});

upgradesOnEachEngine(
  'serves with the engine that is asked for from the upgrade on',
  async ({ world, ...parts }) => {
    const { apply, upgrade, listen, status, stateDir } = parts;
    await apply(await world.backend('one'));
    const { engine: before } = await status();
    const engine = before === 'fast' ? 'standard' : 'fast';
    await keepSettings(stateDir, { engine });
    const users = load(target(listen), 4);
    await eventually(async () => users.seen.answered > 100);
    await upgrade();
    assert.equal((await status()).engine, engine);
    await eventually(async () => users.seen.answered > 300);
    await users.end();
    assert.deepEqual(users.seen.problems, []);
  },
);

upgradesOnEachEngine(
  'keeps what three routers in a row have begun, and drains it together',
  async ({ world, ...parts }) => {
    const { apply, upgrade, traffic, counted, listen, pid } = parts;
    const held: ServerResponse[] = [];
    const slow = await world.backend('slow', (_asked, response) => void held.push(response));
    await apply(slow);
    const replies = [];
    const pids = [pid];
    for (let i = 1; i <= 3; i += 1) {
      replies.push(ask({ ...target(listen), path: '/' }));
      await eventually(async () => held.length === i);
      if (i < 3) pids.push(await upgrade());
    }
    await eventually(async () => (await counted('slow').catch(() => undefined))?.inFlight === 3);
    await apply(await world.backend('other'));
    const drained = traffic.drained(web, slow.instance, { deadlineMs: 10_000 });
    for (const response of held) response.end('ended');
    assert.deepEqual(
      (await Promise.all(replies)).map(({ body }) => body),
      ['ended', 'ended', 'ended'],
    );
    assert.deepEqual(await drained, { cutOff: 0 });
    assert.equal((await counted('slow'))?.requests, 3);
    for (const old of pids.slice(0, -1)) await eventually(() => isGone(old));
  },
);
