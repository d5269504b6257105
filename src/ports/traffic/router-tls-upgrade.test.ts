import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { eventually, plainTable, type TestBackend, target } from './router-world.ts';
import { type SelfSigned, selfSigned } from './self-signed.ts';
import { type Served, upgradesOnEachEngine } from './upgrade-world.ts';

const shop = selfSigned(['shop.test']);

async function put(stateDir: string, made: SelfSigned) {
  const tls = { certificate: join(stateDir, 'server.crt'), key: join(stateDir, 'server.key') };
  await writeFile(tls.certificate, made.certificate);
  await writeFile(tls.key, made.key);
  return { tls };
}

async function serve({ stateDir, traffic, listen }: Served, one: TestBackend): Promise<void> {
  const { instance, generation, address } = one;
  const edge = await put(stateDir, shop);
  await traffic.apply({ ...plainTable(listen), stable: [{ instance, generation, address }], edge });
}

async function shown(listen: string): Promise<string> {
  const socket = connect({ ...target(listen), servername: 'shop.test', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return String(subject.CN);
}

upgradesOnEachEngine('hands over an address with TLS under load, and no request is lost', async (parts) => {
  const { world, upgrade, counted, listen } = parts;
  await serve(parts, await world.backend('one'));
  const agent = new Agent({ keepAlive: true, maxSockets: 8, ca: shop.certificate, servername: 'shop.test' });
  const seen = { answered: 0, problems: [] as string[] };
  let goesOn = true;
  const user = async () => {
    while (goesOn) {
      const [response] = await once(request({ ...target(listen), agent }).end(), 'response');
      if ((await response.toArray()).join('') === 'one') seen.answered += 1;
      else seen.problems.push(String(response.statusCode));
    }
  };
  const users = Array.from({ length: 8 }, () => user().catch((error) => seen.problems.push(String(error))));
  for (let round = 1; round <= 2; round += 1) {
    await eventually(async () => seen.answered > round * 100 || seen.problems.length > 0, 10_000);
    await upgrade();
  }
  await eventually(async () => seen.answered > 400 || seen.problems.length > 0, 10_000);
  goesOn = false;
  await Promise.all(users);
  agent.destroy();
  assert.deepEqual(seen.problems, []);
  await eventually(async () => (await counted('one'))?.requests === seen.answered);
});

upgradesOnEachEngine('stays in charge when the new router cannot use the certificate', async (parts) => {
  const { world, upgrade, stateDir, listen, pid, status } = parts;
  await serve(parts, await world.backend('one'));
  await put(stateDir, { ...shop, key: selfSigned(['other.test']).key });
  await assert.rejects(upgrade(), { code: 'router-upgrade-failed' });
  assert.equal((await status()).pid, pid);
  assert.equal(await shown(listen), 'shop.test');
  await put(stateDir, selfSigned(['mended.test']));
  await upgrade();
  assert.equal(await shown(listen), 'mended.test');
});
