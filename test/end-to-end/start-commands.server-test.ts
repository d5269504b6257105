import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { after, before, type TestContext, test } from 'node:test';
import type { OpenIncident, RolloutSummary } from '../../src/engine/api.ts';
import { freePort } from '../../src/ports/runtime/free-port.ts';
import { Load } from './load.ts';
import { Project } from './project.ts';
import { settings } from './settings.ts';

const strategy =
  '{ kind: canary, holdback: 0%, steps: [{ setWeight: 30% }, { analyze: { bake: 2s, deadline: 20s } }] }';
const ends: (() => Promise<void>)[] = [];
let project: Project;
let unit = 1;

before(async () => {
  const lasting = { after: (end: () => Promise<void>) => void ends.push(end) } as unknown as TestContext;
  project = await Project.make(lasting, ({ production }) =>
    settings(production, { strategy, startDeadline: '2s' }),
  );
  await project.released('U-1', '1.0.0');
});

after(async () => {
  for (const end of ends) await end();
});

/** Deploys a build that behaves so, under load, beside the healthy 1.0.0. */
async function trial(behaviour: Readonly<Record<string, unknown>>): Promise<{
  readonly end: RolloutSummary;
  readonly load: Load;
}> {
  unit += 1;
  await project.approved(`U-${unit}`, `${unit}.0.0`, behaviour);
  const load = new Load(project.url(), { rate: 100 });
  const end = await project.deploy(`U-${unit}`);
  await load.end();
  assert.equal((await project.status()).state.stable?.release.version, '1.0.0');
  for (const { id } of await project.json<OpenIncident[]>('incident', 'list')) {
    assert.equal((await project.run('incident', 'resolve', id, '--reason', 'was the test')).code, 0);
  }
  return { end, load };
}

const neverReady: Readonly<Record<string, readonly [behaviour: Record<string, unknown>, told: RegExp]>> = {
  'exits at once': [{ exits: 7 }, /exited with code 7/],
  hangs: [{ listenAfterMs: 1e8 }, /nothing listens on PORT/],
  'listens on another port': [{ otherPort: 'any' }, /nothing listens on PORT/],
  'redirects its health': [{ probe: 'redirect' }, /answered 302/],
  'hangs in its health': [{ probe: 'hang' }, /gave no answer in 300 ms/],
};

for (const [name, [behaviour, told]] of Object.entries(neverReady)) {
  test(`a candidate that ${name} fails before it had a user`, async () => {
    const otherPort = behaviour.otherPort === undefined ? {} : { otherPort: await freePort() };
    const { end, load } = await trial({ ...behaviour, ...otherPort });
    assert.equal(end.ending, 'failed', JSON.stringify(end));
    assert.match(end.reason ?? '', told);
    assert.equal(end.code, 'candidate-failed');
    assert.match(end.remedy ?? '', /printed is kept in/);
    assert.deepEqual(load.failed, []);
    assert.deepEqual(Object.keys(load.served), ['1.0.0']);
  });
}

test('a candidate whose health comes and goes is taken back, and nobody is turned away', async () => {
  const { end, load } = await trial({ probe: 'flap' });
  assert.equal(end.ending, 'rolled-back', JSON.stringify(end));
  assert.equal(end.code, 'health-failed');
  assert.match(end.reason ?? '', /answered 503/);
  assert.deepEqual(load.failed, []);
});

test('a candidate that calls itself healthy and fails its users is taken back on what they met', async () => {
  const { end, load } = await trial({ failShare: 1 });
  assert.equal(end.ending, 'rolled-back', JSON.stringify(end));
  assert.equal(end.code, 'analysis-failed');
  const harmed = load.failed.filter(({ what }) => what === `500 of ${unit}.0.0`);
  assert.equal(harmed.length, load.failed.length, 'nobody failed because of Sluice');
});

test('a start command that is not there is named', async () => {
  await writeFile(
    project.path('sluice.yml'),
    settings(project.ports.production, { strategy, start: './none', startDeadline: '2s' }),
  );
  const { end, load } = await trial({});
  assert.equal(end.ending, 'failed', JSON.stringify(end));
  assert.match(end.reason ?? '', /127 \(the start command was not found\)/);
  assert.deepEqual(load.failed, []);
});

test('a `listen` address that somebody has ends a first release, and the next attempt serves', async (t) => {
  const own = await Project.make(t, ({ production }) => settings(production));
  const taken = createServer().listen(own.ports.production, '127.0.0.1');
  await once(taken, 'listening');
  t.after(() => taken.close());
  await own.approved('U-1', '1.0.0');
  const end = await own.deploy('U-1');
  assert.equal(end.ending, 'failed', JSON.stringify(end));
  assert.equal(end.code, 'listen-failed');
  assert.match(end.reason ?? '', /another process listens there.*set another `listen` address/);
  taken.close();
  await once(taken, 'close');
  assert.equal((await own.deploy('U-1')).ending, 'succeeded');
  assert.equal(await (await fetch(own.url())).text(), '1.0.0');
});

test('a changed `listen` address that somebody has leaves the stable release where it is', async (t) => {
  const own = await Project.make(t, ({ production }) => settings(production), ['production', 'other']);
  await own.released('U-1', '1.0.0');
  const taken = createServer().listen(own.ports.other, '127.0.0.1');
  await once(taken, 'listening');
  t.after(() => taken.close());
  await writeFile(own.path('sluice.yml'), settings(own.ports.other));
  await own.approved('U-2', '2.0.0');
  const load = new Load(own.url(), { rate: 100 });
  const end = await own.deploy('U-2');
  await load.end();
  assert.equal(end.code, 'listen-failed', JSON.stringify(end));
  assert.deepEqual(load.failed, []);
  assert.deepEqual(Object.keys(load.served), ['1.0.0']);
});
