import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { callController } from '../../src/daemon/socket-client.ts';
import { currentStep } from '../../src/rollout/state.ts';
import { Project } from './project.ts';
import { settings } from './settings.ts';

const main = join(import.meta.dirname, '../../src/main.ts');

/** What a machine that loses its power does: every process of the project is gone at once, and none says a word. */
async function loseAll(project: Project): Promise<void> {
  const all = await project.processes();
  for (const { pid } of all) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // A command line that was just ending by itself.
    }
  }
  while ((await project.processes()).length > 0) await new Promise((next) => setImmediate(next));
}

/** What the service unit runs after a boot. No other command is given before the users are asked. */
function boot(t: TestContext, project: Project): { readonly errors: () => string } {
  const child = spawn(process.execPath, [main, 'serve', '--config', project.path('sluice.yml')], {
    cwd: '/',
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, SLUICE_STATE_DIR: project.path('.sluice') },
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  t.after(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  });
  return { errors: () => errors };
}

/** Asks as a user does until the answer is good; resolves with the version that answered. */
async function served(project: Project, told: () => string, withinMs = 20_000): Promise<string> {
  for (const end = Date.now() + withinMs; ; ) {
    const answer = await fetch(project.url()).then(
      async (response) => (response.ok ? await response.text() : `${response.status}`),
      (error: Error) => error.message,
    );
    if (/^\d\.\d\.\d$/.test(answer)) return answer;
    assert.ok(Date.now() < end, `no good answer within ${withinMs} ms: ${answer}\n${told()}`);
    await new Promise((next) => setTimeout(next, 20));
  }
}

/** A second release on its way, at the pause of its strategy. */
async function atPause(
  t: TestContext,
  strategy: string,
): Promise<{ readonly project: Project; readonly rollout: string }> {
  const project = await Project.make(t, ({ production }) => settings(production, { strategy }));
  await project.released('U-1', '1.0.0');
  await project.approved('U-2', '2.0.0');
  const { rollout } = await project.json<{ rollout: string }>(
    ...['deploy', 'web', '--to', 'production', '--unit', 'U-2', '--detach'],
  );
  await project.until('at the pause', ({ state }) => currentStep(state.rollout)?.type === 'pause');
  return { project, rollout };
}

test('after a reboot the stable release serves again without a command', async (t) => {
  const project = await Project.make(t, ({ production }) => settings(production, { replicas: 2 }));
  await project.released('U-1', '1.0.0');
  await loseAll(project);
  await assert.rejects(fetch(project.url()));
  const { errors } = boot(t, project);
  assert.equal(await served(project, errors), '1.0.0');
  await project.until('two ready instances in the table', ({ state }) => {
    const ready = Object.values(state.instances).filter(({ status }) => status === 'ready');
    return ready.length === 2 && state.routes.requested?.stable.length === 2;
  });
  const { state } = await project.status();
  assert.equal(state.routes.acknowledged, state.routes.requested?.version);
});

test('after a reboot a running rollout goes on from its step and is promoted', async (t) => {
  const strategy = '{ kind: canary, steps: [{ setWeight: 30% }, pause, { setWeight: 60% }] }';
  const { project, rollout } = await atPause(t, strategy);
  await loseAll(project);
  const { errors } = boot(t, project);
  await served(project, errors);
  await project.until('both in the table again', ({ state: { routes, rollout: running } }) => {
    const { stable = [], candidate = [], candidateWeight } = routes.requested ?? {};
    const told = routes.acknowledged === routes.requested?.version;
    return (
      told && stable.length === 1 && candidate.length === 1 && candidateWeight === 3_000 && running !== null
    );
  });
  assert.equal((await project.run('resume', 'web', '--to', 'production')).code, 0);
  const end = await project.ended(rollout);
  assert.equal(end.ending, 'succeeded', JSON.stringify(end));
  assert.equal(await served(project, errors), '2.0.0');
});

test('after a power loss while going back, users get the stable release back', async (t) => {
  const strategy = '{ kind: canary, steps: [{ setWeight: 30% }, pause] }';
  const { project, rollout } = await atPause(t, strategy);
  await project.run('abort', 'web', '--to', 'production');
  await loseAll(project);
  const { errors } = boot(t, project);
  assert.equal(await served(project, errors), '1.0.0');
  const end = await project.ended(rollout);
  assert.equal(end.ending, 'aborted', JSON.stringify(end));
});

test('what `down` ended comes back with `serve`', async (t) => {
  const project = await Project.make(t, ({ production }) => settings(production, { replicas: 2 }));
  await project.released('U-1', '1.0.0');
  assert.equal((await project.run('down')).code, 0);
  assert.deepEqual(await project.processes(), []);
  const { errors } = boot(t, project);
  assert.equal(await served(project, errors), '1.0.0');
  await project.until('two ready instances in the table', ({ state }) => {
    return state.routes.requested?.stable.length === 2;
  });
});

test('a controller that slept longer than its lease goes on under a new fence', async (t) => {
  const project = await Project.make(t, ({ production }) => settings(production));
  await project.released('U-1', '1.0.0');
  const before = (await project.processes()).map(({ pid }) => pid).sort();
  const stateDir = project.path('.sluice');
  const begun = () =>
    callController(stateDir, 'ping', {}).then(
      ({ since }) => since,
      () => null,
    );
  const first = await begun();
  {
    using database = new DatabaseSync(join(stateDir, 'journal', 'journal.db'), { timeout: 2_000 });
    database.exec('UPDATE lease SET expires_at = 0');
  }
  // The lease is renewed every five seconds; when it was lost, the controller opens everything anew.
  for (const end = Date.now() + 20_000; ; ) {
    const since = await begun();
    if (since !== null && since !== first) break;
    assert.ok(Date.now() < end, 'the controller did not begin anew');
    await new Promise((next) => setTimeout(next, 50));
  }
  await project.released('U-2', '2.0.0');
  const after = (await project.processes()).map(({ pid }) => pid);
  assert.ok(
    before.every((pid) => after.includes(pid)),
    'controller, router and the warm release are those of before',
  );
});
