import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Load } from './load.ts';
import { Project } from './project.ts';
import { settings } from './settings.ts';

const strategies = {
  'blue-green': 'blue-green',
  canary: '{ kind: canary, steps: [{ setWeight: 30% }, { pause: 300ms }, { setWeight: 60% }] }',
  rolling: '{ kind: rolling, batch: 1, bake: 300ms }',
  ab: '{ kind: ab, weight: 50%, affinity: none, duration: 1s }',
} as const;

for (const [name, strategy] of Object.entries(strategies)) {
  test(`${name}: promotes, rolls back and aborts without a failed request`, async (t) => {
    const project = await Project.make(t, ({ production }) =>
      settings(production, { strategy, replicas: 2 }),
    );
    await project.released('U-1', '1.0.0');
    await project.approved('U-2', '2.0.0');
    const load = new Load(project.url(), { rate: 100 });
    t.after(() => load.end());
    const up = await project.deploy('U-2');
    assert.equal(up.ending, 'succeeded', JSON.stringify(up));
    const back = await project.json<{ ending: string }>('rollback', 'web', '--to', 'production');
    assert.equal(back.ending, 'succeeded', JSON.stringify(back));
    await load.end();
    assert.deepEqual(load.failed, []);
    assert.ok((load.served['2.0.0'] ?? 0) > 0, 'users met 2.0.0');
    const { state } = await project.status();
    assert.equal(state.stable?.release.version, '1.0.0');
    assert.equal((await project.run('down')).code, 0);
    assert.deepEqual(await project.processes(), []);
  });
}

test('recreate: promotes and rolls back, with the maintenance page between', async (t) => {
  const project = await Project.make(t, ({ production }) =>
    settings(production, { strategy: 'recreate', replicas: 2 }),
  );
  await project.released('U-1', '1.0.0');
  await project.released('U-2', '2.0.0');
  const back = await project.json<{ ending: string }>('rollback', 'web', '--to', 'production');
  assert.equal(back.ending, 'succeeded', JSON.stringify(back));
  assert.equal((await project.status()).state.stable?.release.version, '1.0.0');
  assert.equal(await (await fetch(project.url())).text(), '1.0.0');
});
