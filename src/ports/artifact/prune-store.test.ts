import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';
import fc from 'fast-check';
import { systemClock } from '../../base/clock.ts';
import type { Digest } from '../../base/digest.ts';
import { parseServiceName, parseUnitId } from '../../base/ids.ts';
import { openArtifactStore } from './directory-store.ts';

const homes: string[] = [];
afterEach(async () => {
  for (const home of homes.splice(0)) await rm(home, { recursive: true, force: true });
});

async function openWorld() {
  const home = await mkdtemp(join(tmpdir(), 'sluice-prune-'));
  homes.push(home);
  const stateDir = join(home, 'state');
  const build = async (name: string, text: string) => {
    const directory = join(home, name);
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, 'shared'), 'the same in all of them');
    await writeFile(join(directory, 'own'), text);
    return directory;
  };
  // Two of them on one directory are as far apart as two processes: they share nothing in memory.
  const open = () => openArtifactStore({ stateDir, clock: systemClock });
  return { home, stateDir, build, open };
}

const added = (path: string, at: number) => ({
  path,
  service: parseServiceName('web'),
  unit: parseUnitId('U-1'),
  version: null,
  commit: null,
  dirty: false,
  at,
  by: 'somebody',
});

const all = { keep: new Set<Digest>(), olderThanMs: 1_000, at: 10_000 };

test('what was added while others prune is whole', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 4 }), async (which) => {
      const { build, open } = await openWorld();
      const builds = await Promise.all([0, 1, 2, 3].map((one) => build(`b${one}`, `${one}`)));
      const path = (one: number) => builds[one] ?? '';
      for (const one of new Set(which)) await open().add(added(path(one), 0));
      let ended = false;
      const pruning = (async () => {
        while (!ended) await open().prune(all);
      })();
      const adding = Promise.all(which.map((one) => open().add(added(path(one), 9_900))));
      const records = await adding.finally(() => {
        ended = true;
        return pruning;
      });
      for (const { digest } of records) {
        assert.deepEqual(await open().verify(digest), { ok: true });
        assert.notEqual(await open().find(digest), null);
      }
    }),
    { numRuns: 15 },
  );
});

test('nothing goes while another process adds, and it goes afterwards', async () => {
  const { stateDir, build, open } = await openWorld();
  const { digest } = await open().add(added(await build('old', 'old'), 0));
  const staging = join(stateDir, 'artifacts', 'staging', crypto.randomUUID());
  await mkdir(staging);
  assert.deepEqual(await open().prune(all), []);
  await rm(staging, { recursive: true });
  assert.deepEqual(await open().prune(all), [digest]);
});

test('an add waits for a prune that runs, and not for one that was killed', async () => {
  const { stateDir, build, open } = await openWorld();
  await mkdir(join(stateDir, 'artifacts'), { recursive: true });
  await writeFile(
    join(stateDir, 'artifacts', 'pruning'),
    JSON.stringify({ pid: process.pid, startedAt: 'before:1' }),
  );
  const { digest } = await open().add(added(await build('a', 'a'), 0));
  assert.deepEqual(await open().verify(digest), { ok: true });
});

test('a kept artifact stays whole although its record is gone or broken', async () => {
  const { stateDir, build, open } = await openWorld();
  const records = join(stateDir, 'artifacts', 'records');
  const first = await open().add(added(await build('a', 'a'), 0));
  const second = await open().add(added(await build('b', 'b'), 0));
  const [folder = ''] = (await readdir(records)).filter((name) => second.digest.endsWith(name));
  for (const name of await readdir(join(records, folder))) await writeFile(join(records, folder, name), '{');
  await rm(join(records, first.digest.slice('sha256:'.length)), { recursive: true });
  assert.deepEqual(await open().prune({ ...all, keep: new Set([first.digest]) }), []);
  for (const { digest } of [first, second]) assert.deepEqual(await open().verify(digest), { ok: true });
});

test('a manifest that a killed prune left goes with its files', async () => {
  const { stateDir, build, open } = await openWorld();
  const { digest } = await open().add(added(await build('a', 'a'), 0));
  await rm(join(stateDir, 'artifacts', 'records'), { recursive: true });
  await open().prune(all);
  assert.equal((await open().verify(digest)).ok, false);
  assert.deepEqual(await readdir(join(stateDir, 'artifacts', 'manifests')), []);
});

test('directories of instances that are gone go when they are a day old', async () => {
  const { stateDir, build, open } = await openWorld();
  const { digest } = await open().add(added(await build('a', 'a'), 0));
  for (const name of ['R-1-1', 'R-2-1', 'R-3-1']) await open().materialise(digest, name);
  for (const name of ['R-1-1', 'R-2-1']) await utimes(join(stateDir, 'run', name), 1, 1);
  await open().prune({ ...all, keep: new Set([digest]) });
  assert.equal((await readdir(join(stateDir, 'run'))).length, 3);
  await open().prune({ ...all, keep: new Set([digest]), instances: new Set(['R-2-1']) });
  assert.deepEqual((await readdir(join(stateDir, 'run'))).sort(), ['R-2-1', 'R-3-1']);
});
