import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReportAnswer } from '../../src/engine/api.ts';
import { Load } from './load.ts';
import { Project } from './project.ts';
import { settings } from './settings.ts';

const strategy =
  '{ kind: canary, holdback: 0%, steps: [{ setWeight: 30% }, { analyze: { bake: 20s, deadline: 40s } }] }';

test('users of a candidate that fails one request in five see none of it, and it is taken back as ever', async (t) => {
  const took: number[] = [];
  for (const shield of ['on', 'off'] as const) {
    const project = await Project.make(t, ({ production }) =>
      settings(production, { strategy, environment: `shield: ${shield}` }),
    );
    await project.released('U-1', '1.0.0');
    await project.approved('U-2', '2.0.0', { failShare: 0.2 });
    const load = new Load(project.url(), { rate: 150 });
    t.after(() => load.end());
    const end = await project.deploy('U-2');
    await load.end();
    assert.equal(end.ending, 'rolled-back', JSON.stringify(end));
    assert.equal(end.code, 'analysis-failed');
    const { facts, text } = await project.json<ReportAnswer>('report', 'web', '--to', 'production');
    const { users, decidedBackAt, startedAt } = facts;
    assert.ok(users !== null && users.requests > 0 && decidedBackAt !== null);
    took.push(decidedBackAt - startedAt);
    if (shield === 'on') {
      assert.deepEqual(load.failed, []);
      assert.ok(users.shielded >= 3, JSON.stringify(users));
      assert.equal(users.harmed, 0);
      assert.match(text, /Users of the candidate: .* served, \d+ shielded, 0 harmed/);
    } else {
      assert.ok(load.failed.length >= 3);
      assert.ok(load.failed.every(({ what }) => what === '500 of 2.0.0'));
      assert.equal(users.shielded, 0);
    }
  }
  const [on = 0, off = 0] = took;
  assert.ok(on < off + 10_000, `${on} ms with the shield, ${off} ms without`);
});
