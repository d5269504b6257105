import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { RolloutSummary } from '../../src/engine/api.ts';
import { Load } from './load.ts';
import { Project } from './project.ts';
import { settings } from './settings.ts';

const ends: (() => Promise<void>)[] = [];
let project: Project;
let load: Load;
let unit = 1;

before(async () => {
  const lasting = { after: (end: () => Promise<void>) => void ends.push(end) } as unknown as TestContext;
  project = await Project.make(lasting, ({ production }) => settings(production, { replicas: 2 }));
  await project.released('U-1', '1.0.0');
  load = new Load(project.url(), { rate: 50 });
});

after(async () => {
  await load.end();
  for (const end of ends) await end();
});

/** A stored build and its unit, not approved yet. */
async function added(): Promise<{ readonly id: string; readonly digest: string }> {
  unit += 1;
  const id = `U-${unit}`;
  const digest = await project.approved(id, `${unit}.0.0`);
  return { id, digest };
}

async function refused(id: string, told: RegExp): Promise<RolloutSummary> {
  const end = await project.deploy(id);
  assert.equal(end.ending, 'refused', JSON.stringify(end));
  assert.equal(end.code, 'gate-blocked');
  assert.match(end.reason ?? '', told);
  assert.ok((end.remedy ?? '').length > 0, 'a remedy');
  assert.deepEqual(load.failed, []);
  assert.deepEqual(Object.keys(load.served), ['1.0.0']);
  return end;
}

const approval = (id: string, digest: string) => `unit_id: ${id}\nstatus: approved\nartifact: ${digest}\n`;

const reports: Readonly<
  Record<string, readonly [told: RegExp, frontmatter: (id: string, digest: string) => string]>
> = {
  'broken frontmatter': [/line \d+/, (id) => `unit_id: [${id}\nstatus: approved\n`],
  'another unit': [/U-999/, (_, digest) => approval('U-999', digest)],
  'another digest': [/approves sha256:0{64}/, (id) => approval(id, `sha256:${'0'.repeat(64)}`)],
  'no artifact at all': [/neither artifact nor commit/, (id) => `unit_id: ${id}\nstatus: approved\n`],
  'a rejection': [/rejected/, (id, digest) => approval(id, digest).replace('approved', 'rejected')],
  'an old approval': [/days old/, (id, digest) => `${approval(id, digest)}date: 2020-01-01\n`],
  'failed tests': [/tests/, (id, digest) => `${approval(id, digest)}tests_passed: 41/42\n`],
  'a blocking bug': [/blocking bugs/, (id, digest) => `${approval(id, digest)}blocking_bugs: [B-1]\n`],
};

for (const [name, [told, frontmatter]] of Object.entries(reports)) {
  test(`a QA report with ${name} lets nothing in, and goes back to QA`, async () => {
    const { id, digest } = await added();
    await writeFile(project.path('QA', `QA-Report-${id}.md`), `---\n${frontmatter(id, digest)}---\n`);
    const { rollout } = await refused(id, told);
    for (const until = Date.now() + 5_000; ; ) {
      const items = await readdir(project.path('QA', 'Inbox')).catch(() => []);
      if (items.some((item) => item.includes(id) && item.includes(rollout))) break;
      await setTimeout(10);
      assert.ok(Date.now() < until, `nothing about ${rollout} in ${items}`);
    }
  });
}

test('no QA report, or two for one unit, let nothing in', async () => {
  const { id, digest } = await added();
  await mkdir(project.path('QA', 'old'), { recursive: true });
  await writeFile(project.path('QA', 'old', `QA-Report-${id}.md`), `---\n${approval(id, digest)}---\n`);
  await refused(id, /old/);
  await rm(project.path('QA', 'old'), { recursive: true });
  await rm(project.path('QA', `QA-Report-${id}.md`));
  await refused(id, /is not there/);
});

for (const [what, spoil] of Object.entries({ removed: () => null, edited: flipped })) {
  test(`a file of the artifact that was ${what} after the plan lets nothing in`, async () => {
    const { id } = await added();
    const { code } = await project.run('plan', 'web', '--to', 'production', '--unit', id);
    assert.equal(code, 0);
    await spoilBlob(`${unit}.0.0`, spoil);
    await refused(id, what === 'removed' ? /missing/ : /changed/);
  });
}

test('a byte edited below a running instance is put right before it starts again', async () => {
  const [dir] = await readdir(project.path('.sluice', 'run'));
  assert.ok(dir !== undefined);
  for (const name of await readdir(project.path('.sluice', 'run'))) {
    const file = project.path('.sluice', 'run', name, 'behaviour.json');
    await rm(file);
    await writeFile(file, JSON.stringify({ version: '6.6.6' }));
  }
  for (const pid of await project.instances('1.0.0')) process.kill(pid, 'SIGKILL');
  await project.moment('both away', ({ instances }) =>
    Object.values(instances).every(({ status }) => status !== 'ready'),
  );
  await project.moment('both ready', ({ instances }) =>
    Object.values(instances).every(({ status }) => status === 'ready'),
  );
  assert.equal(await (await fetch(project.url())).text(), '1.0.0');
  assert.deepEqual(Object.keys(load.served), ['1.0.0']);
});

/** Changes what the store holds of the file that names the version. */
async function spoilBlob(version: string, spoil: (bytes: Buffer) => Buffer | null): Promise<void> {
  const blobs = project.path('.sluice', 'artifacts', 'blobs');
  for (const entry of await readdir(blobs, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const bytes = entry.isFile() ? await readFile(path) : null;
    if (bytes?.includes(`{"version":"${version}"}`) !== true) continue;
    const spoiled = spoil(bytes);
    await rm(path);
    if (spoiled !== null) await writeFile(path, spoiled);
    return;
  }
  assert.fail(`no blob of ${version}`);
}

function flipped(bytes: Buffer): Buffer {
  const edited = Buffer.from(bytes);
  edited[edited.length - 3] = (edited.at(-3) ?? 0) ^ 1;
  return edited;
}
