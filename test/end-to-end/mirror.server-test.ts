import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReportAnswer } from '../../src/engine/api.ts';
import { Load } from './load.ts';
import { Project } from './project.ts';
import { settings } from './settings.ts';

const strategy = `{ kind: canary, holdback: 0%, steps: [
  { mirror: { share: 50%, bake: 5s, deadline: 20s } }, { setWeight: 50% }, { analyze: { bake: 2s, deadline: 20s } }] }`.replaceAll(
  '\n',
  '',
);

test('copies of requests fail a bad candidate before one user meets it, and a good one goes on to users', async (t) => {
  const project = await Project.make(t, ({ production }) => settings(production, { strategy }));
  await project.released('U-1', '1.0.0');
  const load = new Load(project.url(), { rate: 150 });
  t.after(() => load.end());

  await project.approved('U-2', '2.0.0', { failShare: 0.2 });
  const bad = await project.deploy('U-2');
  assert.equal(bad.ending, 'failed', JSON.stringify(bad));
  assert.equal(bad.code, 'mirror-failed');
  assert.equal(load.served['2.0.0'], undefined, 'nobody met it');
  const { text, facts } = await project.json<ReportAnswer>('report', 'web', '--to', 'production');
  assert.equal(facts.users?.requests ?? 0, 0);
  assert.match(text, /### Copies of requests, before users/);
  assert.match(text, /\| `GET \/` \| \d+ \| 200 → 500: \d+ \|/);

  await project.approved('U-3', '3.0.0', {});
  const good = await project.deploy('U-3');
  assert.equal(good.ending, 'succeeded', JSON.stringify(good));
  await load.end();
  assert.deepEqual(load.failed, []);
  assert.ok((load.served['3.0.0'] ?? 0) > 0);
  const after = await project.json<ReportAnswer>('report', 'web', '--to', 'production');
  assert.match(after.text, /- Verdict: unharmed\. Nothing shows that the candidate is worse\./);
});
