import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PlanAnswer } from '../../src/engine/api.ts';
import { Project } from './project.ts';
import { settings } from './settings.ts';

test('a migration without a way down needs an explicit word, of the plan as of the deployment', async (t) => {
  const service = 'migrate: { up: "true", compatible: true }';
  const project = await Project.make(t, ({ production }) => settings(production, { service }));
  await project.released('U-1', '1.0.0');
  await project.approved('U-2', '2.0.0');
  const asked = ['web', '--to', 'production', '--unit', 'U-2'];
  const refused = await project.json<PlanAnswer>('plan', ...asked);
  assert.equal(refused.plan, null);
  assert.equal(refused.gates.find(({ gate }) => gate === 'migration-reversible')?.holds, false);
  assert.equal((await project.deploy('U-2')).ending, 'refused');
  const accepted = await project.json<PlanAnswer>('plan', ...asked, '--accept-irreversible');
  assert.notEqual(accepted.plan, null);
  const end = await project.json<{ ending: string }>('deploy', ...asked, '--accept-irreversible');
  assert.equal(end.ending, 'succeeded');
});
