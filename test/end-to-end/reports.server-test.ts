import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { parse } from 'yaml';
import { Load } from './load.ts';
import { Project } from './project.ts';
import { settings } from './settings.ts';

const strategy =
  '{ kind: canary, holdback: 0%, steps: [{ setWeight: 50% }, { analyze: { bake: 1s, deadline: 4s } }] }';
const folder = '01-Projects/shop/Deployments';

function frontmatterOf(text: string): Record<string, unknown> {
  return parse(text.split('---\n')[1] ?? '') as Record<string, unknown>;
}

function stepsOf(plan: string): string {
  return plan.slice(plan.indexOf('### Deployment Steps')).trim();
}

test('every document of a project is written where people look for it, and rebuilt byte for byte', async (t) => {
  const project = await Project.make(t, ({ production }) =>
    settings(production, { strategy, replicas: 2, environment: 'timeZone: Asia/Kathmandu' }).replace(
      'notices: []',
      'notices: [{ file: notices.jsonl }]',
    ),
  );
  const read = (...path: string[]) => readFile(project.path(...path), 'utf8');
  await project.released('U-1', '1.0.0');
  await project.approved('U-2', '2.0.0');
  const printed = (await project.run('plan', 'web', '--to', 'production', '--unit', 'U-2')).out;
  assert.equal((await project.deploy('U-2')).ending, 'succeeded');
  assert.equal(stepsOf(await read('.sluice/plans/Plan-U-2.md')), stepsOf(printed));

  await project.approved('U-3', '3.0.0', { failShare: 0.4 });
  const load = new Load(project.url(), { rate: 150 });
  t.after(() => load.end());
  const bad = await project.deploy('U-3');
  assert.equal(bad.ending, 'rolled-back', JSON.stringify(bad));
  await load.end();
  const [incident] = await project.json<{ id: string }[]>('incident', 'list');
  assert.ok(incident !== undefined);
  await project.run('incident', 'resolve', incident.id, '--reason', 'known');

  await project.approved('U-4', '4.0.0');
  await writeFile(
    project.path('QA', 'QA-Report-U-4.md'),
    '---\nunit_id: U-4\nstatus: rejected\n---\n\nNot yet.\n',
  );
  assert.equal((await project.deploy('U-4')).ending, 'refused');
  const back = await project.json<{ ending: string }>('rollback', 'web', '--to', 'production');
  assert.equal(back.ending, 'succeeded', JSON.stringify(back));

  const names = [
    'Deploy-U-1-production-rollback.md',
    ...['Deploy-U-1.md', 'Deploy-U-2.md', 'Deploy-U-3.md', 'Deploy-U-4.md'],
  ];
  const written = async () => (await readdir(project.path(folder)).catch(() => [])).sort();
  for (const end = Date.now() + 5_000; (await written()).length < names.length; ) assert.ok(Date.now() < end);
  assert.deepEqual(await written(), names);

  const statuses = ['success', 'success', 'success', 'rolled_back', 'failed'];
  const files = await Promise.all(names.map((name) => read(folder, name)));
  assert.deepEqual(
    files.map((text) => frontmatterOf(text).status),
    statuses,
  );
  const bug = await read('01-Projects/shop/Inbox', `BUG-${incident.id}.md`);
  assert.deepEqual([frontmatterOf(bug).unit_id, frontmatterOf(bug).severity], ['U-3', 'high']);
  assert.match(bug, /Bad requests of candidate: .* \(.* to .*\)/);
  const [returned = ''] = await readdir(project.path('QA/Inbox'));
  assert.equal(frontmatterOf(await read('QA/Inbox', returned)).reason, 'rejected, foreign');
  const told = (await read('notices.jsonl'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).kind as string);
  assert.equal(told.filter((kind) => kind === 'start').length, 5);
  assert.equal(told.filter((kind) => kind === 'end').length, 5);

  // From the journal alone, in another process, and whatever sluice.yml says by then.
  await project.run('down');
  const edited = (await read('sluice.yml'))
    .replace('Asia/Kathmandu', 'America/Caracas')
    .replace('project: shop', 'project: other');
  await writeFile(project.path('sluice.yml'), edited);
  const history = await project.json<{ rollout: string }[]>('history');
  const rebuilt = new Map<string, string>();
  for (const { rollout } of history) {
    const { path, text } = await project.json<{ path: string; text: string }>('report', '--rollout', rollout);
    rebuilt.set(path, text);
    assert.equal((await project.run('report', '--rollout', rollout)).out, text);
  }
  assert.equal(rebuilt.size, names.length);
  for (const [path, text] of rebuilt) assert.equal(text, await readFile(path, 'utf8'), path);
});
