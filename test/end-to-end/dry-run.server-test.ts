import assert from 'node:assert/strict';
import { test } from 'node:test';
import { currentStep } from '../../src/rollout/state.ts';
import { Project } from './project.ts';
import { settings } from './settings.ts';

test('rollback, abort and down say what they would do, and do nothing', async (t) => {
  const strategy = '{ kind: canary, steps: [{ setWeight: 30% }, pause] }';
  const project = await Project.make(t, ({ production }) => settings(production, { strategy }));
  await project.released('U-1', '1.0.0');
  const aimed = ['web', '--to', 'production'];
  assert.match((await project.run('rollback', ...aimed, '--dry-run')).errors, /no earlier release/);
  await project.approved('U-2', '2.0.0');
  await project.json('deploy', ...aimed, '--unit', 'U-2', '--detach');
  await project.until('at the pause', ({ state }) => currentStep(state.rollout)?.type === 'pause');
  const { version } = (await project.status()).state;

  for (const command of ['abort', 'rollback']) {
    const { code, out } = await project.run(command, ...aimed, '--dry-run');
    assert.equal(code, 0);
    assert.match(
      out,
      /which brings in 2\.0\.0, would be taken back:\n1\. Give all traffic .* back to 1\.0\.0/,
    );
  }
  const pids = (await project.processes()).map(({ pid }) => pid).sort();
  const down = await project.run('down', '--dry-run');
  const told = [...down.out.matchAll(/pid (\d+)/g)].map(([, pid]) => Number(pid)).sort();
  // Controller, router, and the leader of each instance's group.
  assert.equal(told.length, 4, down.out);
  assert.ok(
    told.every((pid) => pids.includes(pid)),
    down.out,
  );
  assert.deepEqual((await project.processes()).map(({ pid }) => pid).sort(), pids);

  await project.run('resume', ...aimed);
  await project.until('no rollout', ({ state }) => state.rollout === null);
  const back = await project.run('rollback', ...aimed, '--dry-run');
  assert.deepEqual([back.code, back.errors], [0, '']);
  assert.match(back.out, /1\.0\.0/);
  const after = (await project.status()).state;
  assert.deepEqual([after.rollout, after.stable?.release.version], [null, '2.0.0']);
  assert.ok(after.version > version);
});
