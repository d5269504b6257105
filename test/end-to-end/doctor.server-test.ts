import assert from 'node:assert/strict';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { Project } from './project.ts';
import { settings } from './settings.ts';

interface Diagnosis {
  readonly ok: boolean;
  readonly checks: readonly { readonly name: string; readonly status: string; readonly found: string }[];
}

test('the doctor finds a served project well, and names what was broken since', async (t) => {
  const project = await Project.make(t, ({ production }) => settings(production));
  await project.released('U-1', '1.0.0');
  const look = () => project.json<Diagnosis>('doctor');
  const sick = async () => (await look()).checks.filter(({ status }) => status !== 'ok');
  assert.deepEqual(await sick(), []);
  assert.equal((await project.run('doctor')).code, 0);
  const { checks } = await look();
  const names = checks.map(({ name }) => name);
  for (const name of ['lease', 'router', 'routes web@production', 'artifact web@production']) {
    assert.ok(names.includes(name), `${name} is looked at: ${names.join(', ')}`);
  }
  assert.match(checks.find(({ name }) => name === 'listen production')?.found ?? '', /is ours/);

  const routes = project.path('.sluice', 'routes.json');
  await writeFile(routes, '{"format":1,"tables":[]}\n');
  assert.deepEqual(
    (await sick()).map(({ name }) => name),
    ['routes web@production'],
  );

  await project.kill('controller');
  await project.kill('router');
  const blobs = project.path('.sluice', 'artifacts', 'manifests');
  for (const name of await readdir(blobs)) await rm(`${blobs}/${name}`);
  await rm(project.path('sluice.yml'));
  const told = (await sick()).map(({ name }) => name);
  assert.deepEqual(told, ['controller', 'router', 'artifact web@production', 'configuration']);
  assert.equal((await project.run('doctor')).code, 1);
  assert.deepEqual(
    await project.processes().then((all) => all.filter(({ command }) => /main/.test(command))),
    [],
  );
});
