import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFile, cp, mkdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { after, before, type TestContext, test } from 'node:test';
import { currentStep } from '../../src/rollout/state.ts';
import { Project, type Ran } from './project.ts';
import { settings } from './settings.ts';

const ends: (() => Promise<void>)[] = [];
let project: Project;

before(async () => {
  const lasting = { after: (end: () => Promise<void>) => void ends.push(end) } as unknown as TestContext;
  project = await Project.make(lasting, ({ production }) => settings(production));
  await project.released('U-1', '1.0.0');
  assert.equal((await project.run('down')).code, 0);
  await cp(directory(), project.path('whole'), { recursive: true });
});

after(async () => {
  await restore();
  for (const end of ends) await end();
});

const directory = () => project.path('.sluice', 'journal');
const file = () => project.path('.sluice', 'journal', 'journal.db');

async function restore(): Promise<void> {
  // A controller that still runs would go on with the files that it has open, and write its anchor beside the new ones.
  await project.run('down');
  await copyBack();
}

async function copyBack(): Promise<void> {
  await rm(directory(), { recursive: true, force: true });
  await cp(project.path('whole'), directory(), { recursive: true });
}

function edit(sql: string): void {
  using database = new DatabaseSync(file());
  database.exec(sql);
}

const damages: Readonly<Record<string, readonly [spoil: () => unknown, told: RegExp]>> = {
  'is truncated': [async () => truncate(file(), 3 * 4096), /journal-damaged|journal-cut-off/],
  'is empty': [async () => truncate(file(), 0), /journal-cut-off/],
  'is missing': [async () => rm(file()), /journal-cut-off/],
  'has a flipped byte in an event': [flip, /journal-damaged/],
  'has a changed event': [
    () => edit(`UPDATE event SET data = replace(data, 'U-1', 'U-9') WHERE sequence = 2 OR sequence = 1`),
    /journal-damaged/,
  ],
  'has lost an event in the middle': [() => edit('DELETE FROM event WHERE sequence = 4'), /journal-damaged/],
  'has lost its tail': [
    () => edit('DELETE FROM event WHERE sequence > (SELECT max(sequence) - 3 FROM event)'),
    /journal-cut-off/,
  ],
  'has lost its anchor': [
    async () => rm(project.path('.sluice', 'journal', 'journal.anchor')),
    /journal-cut-off/,
  ],
};

for (const [name, [spoil, told]] of Object.entries(damages)) {
  test(`a journal that ${name} is found, and nothing is done on it`, async () => {
    await restore();
    await spoil();
    const verified = await project.run('journal', 'verify');
    assert.equal(verified.code, 1, verified.out);
    assert.match(verified.out, /✖/);
    const status = await project.run('status');
    refuses(status, told);
    assert.equal((await project.run('down')).code, 0, 'what runs can be ended all the same');
    assert.deepEqual(await project.processes(), []);
  });
}

test('a journal that was restored from a backup wins over the later tables of the router', async () => {
  await restore();
  await serves();
  await project.released('U-4', '4.0.0');
  await project.kill('controller');
  await copyBack();
  const { out } = await project.run('doctor');
  assert.match(out, /routes web@production[^→]*the\s+journal\s+is\s+older/);
  await project.until('served', ({ state: { routes } }) => routes.requested?.version === routes.acknowledged);
  await serves();
  assert.match(await readFile(project.path('.sluice', 'controller.log'), 'utf8'), /restored from a backup/);
  for (const end = Date.now() + 15_000; (await project.instances('4.0.0')).length > 0; ) {
    assert.ok(Date.now() < end, 'what the journal does not know still runs');
  }
  assert.equal((await project.run('journal', 'verify')).code, 0);
  assert.equal((await project.run('down')).code, 0);
});

test('a journal that another process holds locked is told, and serves again when it is free', async () => {
  await restore();
  const other = new DatabaseSync(file());
  other.exec('BEGIN EXCLUSIVE');
  refuses(await project.run('status'), /journal-locked/);
  other.exec('ROLLBACK');
  other.close();
  await serves();
});

test('a disk without room stops what is decided, and not what is served', async (t) => {
  await restore();
  const small = await smallDisk();
  if (small === null) return t.skip('needs the right to mount');
  try {
    for (const name of ['journal.db', 'journal.anchor']) {
      await copyFile(project.path('whole', name), project.path('.sluice', 'journal', name));
    }
    await serves();
    await project.approved('U-2', '2.0.0');
    const { size } = await stat(file());
    assert.ok(size > 0);
    execFileSync('dd', ['if=/dev/zero', `of=${directory()}/filler`, 'bs=4096'], { stdio: 'ignore' });
  } catch (error) {
    // dd ends with an error when the disk is full, which is what it is for.
    assert.match(String(error), /dd/);
  }
  try {
    const full = await project.run('deploy', 'web', '--to', 'production', '--unit', 'U-2', '--detach');
    refuses(full, /journal-disk-full/);
    assert.equal(await (await fetch(project.url())).text(), '1.0.0');
    await rm(project.path('.sluice', 'journal', 'filler'));
    let end = await project.deploy('U-2');
    if (end.ending === undefined) {
      // What was refused for want of room stood in the journal all the same, and went on just now.
      await project.until('at rest', ({ state }) => state.rollout === null);
      end = await project.deploy('U-2');
    }
    assert.equal(end.ending, 'succeeded', JSON.stringify(end));
    assert.equal((await project.run('journal', 'verify')).code, 0);
  } finally {
    await project.run('down');
    small();
  }
});

test('a clock that is set back by ten days holds nothing up', async (t) => {
  await restore();
  await writeFile(
    project.path('ahead.mjs'),
    'const now = Date.now; Date.now = () => now() + 10 * 86_400_000;',
  );
  const options = process.env.NODE_OPTIONS;
  t.after(() => {
    if (options === undefined) delete process.env.NODE_OPTIONS;
    else process.env.NODE_OPTIONS = options;
  });
  process.env.NODE_OPTIONS = `--import=${project.path('ahead.mjs')}`;
  await project.approved('U-3', '3.0.0');
  const strategy = '{ kind: canary, holdback: 0%, steps: [{ setWeight: 50% }, { pause: 3s }] }';
  await writeFile(project.path('sluice.yml'), settings(project.ports.production, { strategy }));
  const { rollout } = await project.json<{ rollout: string }>(
    ...['deploy', 'web', '--to', 'production', '--unit', 'U-3', '--detach'],
  );
  await project.moment('at the pause', (state) => currentStep(state.rollout)?.type === 'pause');
  await project.kill('controller');
  delete process.env.NODE_OPTIONS;
  const { ending } = await project.ended(rollout);
  assert.equal(ending, 'succeeded');
  assert.equal(await (await fetch(project.url())).text(), '3.0.0');
  assert.equal((await project.run('journal', 'verify')).code, 0);
  assert.equal((await project.run('down')).code, 0);
});

function refuses({ code, errors }: Ran, told: RegExp): void {
  assert.equal(code, 1, errors);
  assert.match(errors, told);
  assert.match(errors, /→ \S/);
}

async function serves(): Promise<void> {
  await project.until('in the table', ({ state: { routes } }) =>
    [routes.requested?.stable.length === 1, routes.requested?.version === routes.acknowledged].every(Boolean),
  );
  assert.equal(await (await fetch(project.url())).text(), '1.0.0');
}

/** Changes one bit inside the text of an event, below SQLite. */
async function flip(): Promise<void> {
  const bytes = await readFile(file());
  // Pages that are no longer used may hold the text too.
  for (let at = bytes.indexOf('RolloutPlanned'); at > 0; at = bytes.indexOf('RolloutPlanned', at + 1)) {
    bytes[at + 3] = (bytes[at + 3] ?? 0) ^ 1;
  }
  await writeFile(file(), bytes);
}

/** Mounts a few hundred kilobytes over the journal's directory; gives the way to end that, or null where one may not. */
async function smallDisk(): Promise<(() => void) | null> {
  const place = directory();
  await mkdir(place, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,mode=700', 'tmpfs', place], { stdio: 'ignore' });
  } catch {
    return null;
  }
  return () => execFileSync('umount', ['-l', place], { stdio: 'ignore' });
}
