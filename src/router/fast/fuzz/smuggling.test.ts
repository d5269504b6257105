import assert from 'node:assert/strict';
import { it } from 'node:test';
import { rawBackend, rawClient } from '../../../ports/traffic/raw-world.ts';
import { RouterWorld } from '../../../ports/traffic/router-world.ts';
import { corpus } from './corpus.ts';
import { nodeBodies } from './node-reading.ts';
import { ownReading } from './own-reading.ts';

it('lets an instance see exactly the requests that were accepted, for each kept request', async (test) => {
  const world = await RouterWorld.open(test, 'fast');
  const answered = new Map<number, number>();
  const backend = await rawBackend('a', (socket, text, connection) => {
    const { bodies } = nodeBodies(Buffer.from(text, 'latin1'));
    for (let i = answered.get(connection) ?? 0; i < bodies.length; i += 1) {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    }
    answered.set(connection, bodies.length);
  });
  test.after(() => backend.stop());
  const probe = { path: '/healthz', intervalMs: 60_000, timeoutMs: 500, failures: 5, successes: 1 };
  await world.apply({ stable: [backend], probe });
  for (const { name, kind, expect, bytes } of corpus) {
    if (kind !== 'request') continue;
    const before = backend.seen.map((text) => text.length);
    const raw = Buffer.from(bytes, 'latin1');
    const accepted = ownReading({ kind, method: 'GET', bytes: raw }, () => raw.length).messages.filter(
      ({ end }) => end !== null,
    );
    const client = await rawClient(world);
    client.write(bytes);
    if (expect === 'refused') assert.match(await client.end(), /HTTP\/1\.1 40[05] /, name);
    else await client.until(new RegExp(`(?:HTTP/1\\.1 200 [\\s\\S]*){${accepted.length}}`));
    client.socket.destroy();
    const seen = backend.seen.map((text, i) => text.slice(before[i] ?? 0)).filter((text) => text !== '');
    const bodies = seen.flatMap((text) => nodeBodies(Buffer.from(text, 'latin1')).bodies);
    assert.deepEqual(
      bodies,
      accepted.map(({ body }) => body),
      name,
    );
  }
});
