import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { test } from 'node:test';
import { eventually } from '../../src/ports/traffic/router-world.ts';
import { type SelfSigned, selfSigned } from '../../src/ports/traffic/self-signed.ts';
import { Project } from './project.ts';
import { settings } from './settings.ts';

test('an environment with TLS and an access log is served so, and told of a certificate that does not fit', async (t) => {
  const environment =
    'tls: { certificate: shop.crt, key: shop.key }\naccessLog: { path: access.log, queryValues: [page] }';
  const project = await Project.make(t, ({ production }) =>
    settings(production, { strategy: 'recreate', environment }),
  );
  const put = async ({ certificate, key }: SelfSigned) => {
    await writeFile(project.path('shop.crt'), certificate);
    await writeFile(project.path('shop.key'), key);
  };
  const shop = selfSigned(['shop.test']);
  await put({ ...shop, key: selfSigned(['other.test']).key });
  const refused = await project.run('config');
  assert.equal(refused.code, 1);
  assert.match(refused.out + refused.errors, /sluice\.yml:\d+:1 The key in .*shop\.key is not the one/);

  await put(shop);
  assert.equal((await project.run('config')).code, 0);
  await project.released('U-1', '1.0.0');
  const options = { ca: shop.certificate, servername: 'shop.test', agent: false } as const;
  const asked = request(`${project.url().replace('http:', 'https:')}/cart?page=2&token=SECRET`, {
    ...options,
    headers: { 'Sluice-Debug': 'version' },
  }).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  await response.toArray();
  assert.equal(response.headers['sluice-version'], '1.0.0');

  const log = () => readFile(project.path('access.log'), 'utf8').catch(() => '');
  await eventually(async () => (await log()).includes('/cart'));
  const line = (await log()).split('\n').find((one) => one.includes('/cart')) ?? '';
  const { path, version, arm, status } = JSON.parse(line);
  assert.deepEqual(
    [path, version, arm, status],
    ['/cart?page=2&token=*', '1.0.0', 'stable', response.statusCode],
  );
});
