import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';
import { plainTable } from '../ports/traffic/router-world.ts';
import { RouteStore } from './route-store.ts';

const tables = [
  { ...plainTable('127.0.0.1:8080'), hosts: ['shop.test'], candidateWeight: 500 },
  { ...plainTable('127.0.0.1:8081'), version: 7 },
];

async function saved(test: TestContext): Promise<RouteStore> {
  const stateDir = await mkdtemp(join(tmpdir(), 'sluice-routes-'));
  test.after(() => rm(stateDir, { recursive: true, force: true }));
  const store = new RouteStore(stateDir);
  await store.save(tables);
  return store;
}

it('gives what was saved, or nothing at all: whichever bit of the file is another', async (test) => {
  const store = await saved(test);
  const whole = await readFile(store.path);
  let refused = 0;
  for (let at = 0; at < whole.length; at += 1) {
    const damaged = Buffer.from(whole);
    damaged[at] = (damaged[at] ?? 0) ^ (1 << (at % 8));
    await writeFile(store.path, damaged);
    const loaded = await store.load().catch((error: { code?: string }) => error.code);
    if (loaded === 'routes-unreadable') refused += 1;
    // A space that became a line end, say.
    else assert.deepEqual(loaded, tables, `bit ${at % 8} of byte ${at}`);
  }
  assert.ok(refused > whole.length / 2);
});

it('reads a file that has no digest, as version 0.1 wrote it', async (test) => {
  const store = await saved(test);
  await writeFile(store.path, JSON.stringify({ format: 1, tables }));
  assert.deepEqual(await store.load(), tables);
});
