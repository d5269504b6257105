import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { Project } from './project.ts';
import { settings } from './settings.ts';

async function running(t: TestContext): Promise<Project> {
  const project = await Project.make(t, ({ production }) => settings(production, { replicas: 2 }));
  await project.released('U-1', '1.0.0');
  return project;
}

async function signalled(project: Project, word: string, signal: NodeJS.Signals): Promise<void> {
  const [one] = (await project.processes()).filter(({ command }) => command.includes(word));
  assert.ok(one !== undefined, `no ${word} runs`);
  process.kill(one.pid, signal);
}

test('down ends router and instances when the controller was killed', async (t) => {
  const project = await running(t);
  await project.kill('controller');
  const { stopped } = await project.json<{ stopped: string[] }>('down');
  assert.equal(stopped.length, 2);
  assert.deepEqual(await project.processes(), []);
  assert.match((await project.run('down')).out, /Nothing is running/);
});

test('down ends a router that hangs', async (t) => {
  const project = await running(t);
  await signalled(project, 'main-router', 'SIGSTOP');
  assert.equal((await project.run('down')).code, 0);
  assert.deepEqual(await project.processes(), []);
});

test('down ends a controller that hangs, and what it ran, without sluice.yml', async (t) => {
  const project = await running(t);
  await signalled(project, 'main.ts serve', 'SIGSTOP');
  await rm(project.path('sluice.yml'));
  const { stopped } = await project.json<{ stopped: string[] }>('down');
  assert.equal(stopped.length, 2);
  assert.deepEqual(await project.processes(), []);
});

test('down ends nobody who has the pid of a router of before', async (t) => {
  const project = await running(t);
  const record = project.path('.sluice', 'router-process.json');
  const { pid } = JSON.parse(await readFile(record, 'utf8')) as { pid: number };
  await project.kill('controller');
  await project.kill('router');
  await writeFile(record, JSON.stringify({ pid: process.pid, startedAt: 'an earlier boot:1' }));
  assert.equal((await project.run('down')).code, 0);
  assert.notEqual(pid, process.pid);
  assert.deepEqual(await project.processes(), []);
});

test('a router that hangs is replaced, and users are served again', async (t) => {
  const project = await running(t);
  await signalled(project, 'main-router', 'SIGSTOP');
  const answer = await fetch(project.url(), { signal: AbortSignal.timeout(1_000) }).catch(() => null);
  assert.equal(answer, null);
  for (const end = Date.now() + 40_000; ; ) {
    const again = await fetch(project.url(), { signal: AbortSignal.timeout(1_000) }).catch(() => null);
    if (again?.status === 200) break;
    assert.ok(Date.now() < end, 'no router came in place of the one that hangs');
  }
});
