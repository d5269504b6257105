import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { Project } from './project.ts';
import { settings } from './settings.ts';

async function listed(project: Project): Promise<readonly string[]> {
  const records = await project.json<{ version: string }[]>('artifact', 'list');
  return records.map(({ version }) => version).sort();
}

test('only releases that are kept can come back, and they really can', async (t) => {
  const project = await Project.make(
    t,
    ({ production }) =>
      `${settings(production, { service: 'smoke: node -e 0' })}retention: { releases: 1, age: 4s }\n`,
  );
  for (const [unit, version] of [
    ['U-1', '1.0.0'],
    ['U-2', '2.0.0'],
    ['U-3', '3.0.0'],
  ] as const) {
    await project.released(unit, version);
  }
  // 1.0.0 was warm for two seconds and is young for four; the controller looks again after each rollout, a refused one too.
  for (const end = Date.now() + 20_000; (await listed(project)).includes('1.0.0'); await wait(200)) {
    assert.ok(Date.now() < end, '1.0.0 was not removed');
    await project.run('deploy', 'web', '--to', 'production', '--unit', 'U-none');
  }
  assert.deepEqual(await listed(project), ['2.0.0', '3.0.0']);

  const gone = await project.run('rollback', 'web', '--to', 'production', '1.0.0', '--json');
  assert.match(gone.out + gone.errors, /release-not-kept/);
  assert.match(gone.out + gone.errors, /3\.0\.0/);
  assert.doesNotMatch(gone.out + gone.errors, /\(1\.0\.0/);

  const back = await project.run('rollback', 'web', '--to', 'production', '2.0.0');
  assert.equal(back.code, 0, back.out + back.errors);
  const { state } = await project.until('back', (status) => status.state.stable?.release.version === '2.0.0');
  assert.equal(state.rollout === null || state.rollout.phase === 'forward', true);
});
