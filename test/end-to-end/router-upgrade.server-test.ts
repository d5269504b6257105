import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { callRouter } from '../../src/ports/traffic/control-client.ts';
import { currentStep, type TargetState } from '../../src/rollout/state.ts';
import type { RouterStatus } from '../../src/router/control-server.ts';
import { socketPathFor } from '../../src/router/socket-path.ts';
import { Load } from './load.ts';
import { Project } from './project.ts';
import { settings } from './settings.ts';

const strategy =
  '{ kind: canary, holdback: 0%, steps: [{ setWeight: 30% }, { pause: 6s }, { setWeight: 60% }, { analyze: { bake: 1s, deadline: 2s } }] }';

interface Upgraded {
  readonly from: { readonly pid: number; readonly version: string; readonly engine: string };
  readonly to: { readonly pid: number; readonly version: string; readonly engine: string };
}

for (const engine of ['fast', 'standard']) {
  test(`a router upgraded again and again over a rollout costs no request (${engine} engine)`, async (t) => {
    const { project, load } = await served(t, `router: { engine: ${engine} }`);
    const begun = await project.json<{ rollout: string }>(
      ...['deploy', 'web', '--to', 'production', '--unit', 'U-2', '--detach'],
    );
    const upgrades: Upgraded[] = [];
    const met = new Set<string>();
    for (let over = false; !over || upgrades.length < 6; ) {
      const [before] = await project.call('status', { service: 'web', to: 'production' });
      upgrades.push(await project.json<Upgraded>('router', '--upgrade'));
      if (before === undefined) continue;
      met.add(phaseOf(before.state));
      over = before.state.rollout === null && Object.keys(before.state.instances).length === 2;
      assert.ok(upgrades.length < 60, `the rollout does not end: ${[...met]}`);
    }
    assert.equal((await project.ended(begun.rollout)).ending, 'succeeded');
    await load.end();
    assert.deepEqual(load.failed, []);
    t.diagnostic(`${load.sent} requests, ${upgrades.length} upgrades while ${[...met].join(', ')}`);
    assert.ok(met.size >= 2, `too few phases were met: ${[...met]}`);
    assert.deepEqual(
      upgrades.slice(1).map(({ from }) => from.pid),
      upgrades.slice(0, -1).map(({ to }) => to.pid),
    );
    assert.ok(upgrades.every(({ to }) => to.engine === engine));
    await leavesNothing(project);
  });
}

function phaseOf({ rollout, instances }: TargetState): string {
  const drains = Object.values(instances).some(({ retiredAt }) => retiredAt !== null);
  return currentStep(rollout)?.type ?? (drains ? 'draining' : 'nothing');
}

test('a router goes over to the engine that sluice.yml names, and back', async (t) => {
  const { project, load } = await served(t, '');
  for (const engine of ['standard', 'fast']) {
    const file = project.path('sluice.yml');
    const text = (await readFile(file, 'utf8')).replace(/^router:.*\n/m, '');
    await writeFile(file, `${text}router: { engine: ${engine} }\n`);
    const planned = await project.json<Upgraded>('router', '--upgrade', '--dry-run');
    assert.equal(planned.to.engine, engine);
    assert.equal((await status(project)).engine, planned.from.engine);
    assert.equal((await project.run('router', '--upgrade')).code, 0);
    assert.equal((await status(project)).engine, engine);
  }
  await load.end();
  assert.deepEqual(load.failed, []);
  await leavesNothing(project);
});

test('a controller puts its own version in the place of the router of another one', async (t) => {
  const project = await Project.make(t, ({ production }) => settings(production, { strategy, replicas: 2 }));
  await project.approved('U-1', '1.0.0');
  const before = await copyOf(t, '0.0.9');
  const first = await project.runWith(before, 'deploy', 'web', '--to', 'production', '--unit', 'U-1');
  assert.equal(first.code, 0, first.errors);
  const old = await status(project);
  assert.equal(old.version, '0.0.9');
  const load = new Load(project.url(), { rate: 100 });
  t.after(() => load.end());
  await project.kill('controller');
  await project.status();
  for (const end = Date.now() + 20_000; (await status(project)).version === '0.0.9'; ) {
    assert.ok(Date.now() < end, await readFile(project.path('.sluice', 'controller.log'), 'utf8'));
  }
  await load.end();
  assert.deepEqual(load.failed, []);
  assert.notEqual((await status(project)).pid, old.pid);
  assert.match(await readFile(project.path('.sluice', 'controller.log'), 'utf8'), /took over from 0\.0\.9/);
  await leavesNothing(project);
});

test('an upgrade without a router, or of what is no upgrade, is told apart', async (t) => {
  const project = await Project.make(t, ({ production }) => settings(production));
  const none = await project.run('router', '--upgrade', '--json');
  assert.equal(none.code, 1);
  assert.match(none.out, /router-unreachable/);
  assert.equal((await project.run('router', '--dry-run')).code, 2);
});

async function served(t: TestContext, router: string): Promise<{ project: Project; load: Load }> {
  const project = await Project.make(
    t,
    ({ production }) => `${settings(production, { strategy, replicas: 2 })}\n${router}\n`,
  );
  await project.released('U-1', '1.0.0');
  await project.approved('U-2', '2.0.0', { listenAfterMs: 500 });
  const load = new Load(project.url(), { rate: 100 });
  t.after(() => load.end());
  return { project, load };
}

async function status(project: Project): Promise<RouterStatus> {
  const door = { socketPath: socketPathFor(project.path('.sluice'), 'router'), clock: systemClock };
  for (const end = Date.now() + 5_000; ; ) {
    try {
      return (await callRouter(door, { method: 'GET', path: ['status'] })) as RouterStatus;
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}

/** The program under another version, as it was installed before; resolves with its `main.ts`. */
async function copyOf(t: TestContext, version: string): Promise<string> {
  const root = join(import.meta.dirname, '../..');
  const copy = await mkdtemp(join(tmpdir(), 'sluice-before-'));
  t.after(() => rm(copy, { recursive: true, force: true }));
  await mkdir(join(copy, 'schema'));
  for (const part of ['src', 'schema']) await cp(join(root, part), join(copy, part), { recursive: true });
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
  const facts = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as object;
  await writeFile(join(copy, 'package.json'), JSON.stringify({ ...facts, version }));
  return join(copy, 'src/main.ts');
}

async function leavesNothing(project: Project): Promise<void> {
  assert.equal((await project.run('journal', 'verify')).code, 0);
  assert.equal((await project.run('down')).code, 0);
  assert.deepEqual(await project.processes(), []);
}
