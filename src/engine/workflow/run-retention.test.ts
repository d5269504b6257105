import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { systemClock } from '../../base/clock.ts';
import { openAgents } from '../../ports/agent/open-agents.ts';
import { openShellCommandRunner } from '../../ports/command/shell-command-runner.ts';
import { openWorkspaces } from '../../ports/workspace/directory-workspaces.ts';
import { memoryGroup, memoryNode, memoryPlan } from '../../workflow/plan/memory-plan.ts';
import { memoryRun } from '../../workflow/run/memory-run.ts';
import type { WorkflowRun } from '../../workflow/run/state.ts';
import { RunRetention } from './run-retention.ts';

const day = 86_400_000;
const at = Date.now() + 100 * day;
const age = { olderThanMs: 30 * day, at };

const cleanups: (() => Promise<unknown>)[] = [];
after(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
});

/** Two subtasks: `A` has succeeded, `B` has not. */
function runOf(run: string, change: Partial<WorkflowRun>): WorkflowRun {
  const plan = memoryPlan([memoryGroup('A'), memoryGroup('B')], [memoryNode('A-1'), memoryNode('B-1')]);
  const made = memoryRun(plan);
  const groups = new Map(made.groups);
  const [a, b] = [groups.get('A'), groups.get('B')];
  assert.ok(a !== undefined && b !== undefined);
  groups.set('A', { ...a, status: 'SUCCEEDED' }).set('B', { ...b, status: 'BLOCKED' });
  return { ...made, run, groups, ...change };
}

const over = (run: string) => runOf(run, { status: 'cancelled', endedAt: at - 31 * day });
const young = (run: string) => runOf(run, { status: 'failed', endedAt: at - 29 * day });
const going = (run: string) => runOf(run, {});

/** A state directory in the project, with all that these runs and one that nobody knows have left there. */
async function newWorld(...runs: readonly WorkflowRun[]) {
  const root = await mkdtemp(join(tmpdir(), 'sluice-runs-'));
  cleanups.push(() => rm(root, { recursive: true, force: true }));
  const stateDir = join(root, '.sluice');
  await mkdir(stateDir);
  const environment = { PATH: process.env.PATH };
  const options = { stateDir, clock: systemClock, environment };
  const agents = await openAgents(options);
  const commands = await openShellCommandRunner(options);
  cleanups.push(
    () => agents.close(),
    () => commands.close(),
  );
  const workspaces = await openWorkspaces({ stateDir });
  const names = [...runs.map(({ run }) => run), 'W-unknown'];
  for (const run of names) {
    const folder = join(stateDir, 'workflow', run);
    const scratch = join(folder, 'scratch');
    await mkdir(join(scratch, 'deep'), { recursive: true });
    for (const name of ['A-1-1.log', 'B-1-12.log', 'protected.json', 'Escalation-B-1.md'])
      await writeFile(join(folder, name), name);
    await writeFile(join(root, 'same.txt'), 'shared by all');
    for (const group of ['A', 'B', 'B2']) {
      await writeFile(join(root, 'own.txt'), `${run} ${group}`);
      await workspaces.snapshot(`${run}/${group}`, root);
    }
    const id = `workflow-${run}-A-1-1`;
    const given = { reach: { kind: 'command', run: 'echo hello', env: {} }, brief: '', tools: [] } as const;
    const place = { workspace: root, scratch, protectedPaths: [], unconfined: true, timeoutMs: 60_000 };
    await agents.run({ id, ...given, ...place });
    const spec = { run: 'echo done', timeoutMs: 60_000, env: {} };
    for (const one of [id, `workflow-undo-${run}-A-1-1`])
      await commands.run({ id: one, spec, directory: root, env: {} });
  }
  const logged: string[] = [];
  const log = (line: string) => void logged.push(line);
  const retention = new RunRetention(
    { stateDir, agents, workspaces, log },
    { all: () => runs, find: (run) => runs.find((one) => one.run === run) ?? null },
  );
  const folder = async (run: string) =>
    (await readdir(join(stateDir, 'workflow', run)).catch(() => ['(gone)'])).sort();
  const records = async (of: string) => (await readdir(join(stateDir, of))).sort();
  return { root, stateDir, workspaces, agents, commands, retention, folder, records, logged };
}

const everything = ['A-1-1.log', 'B-1-12.log', 'Escalation-B-1.md', 'protected.json', 'scratch'];

describe('what runs of documents leave', () => {
  it('goes when the run has ended long ago; of all others it stays', async () => {
    const world = await newWorld(over('W-a'), young('W-b'), going('W-c'));
    await world.retention.prune(age);
    assert.deepEqual(await world.folder('W-a'), ['Escalation-B-1.md']);
    for (const run of ['W-b', 'W-c', 'W-unknown']) assert.deepEqual(await world.folder(run), everything);
    assert.deepEqual(
      await world.records('agents/records'),
      ['W-b', 'W-c', 'W-unknown'].map((run) => `workflow-${run}-A-1-1.json`),
    );
    const keep = { has: (id: string) => world.retention.keeps(id, age) };
    const gone = await world.commands.prune({ keep, ...age });
    assert.deepEqual([...gone].sort(), ['workflow-W-a-A-1-1', 'workflow-undo-W-a-A-1-1']);
  });

  it('is snapshots too: those of subtasks that succeeded go with the end of the run, contents with the last that needs them', async () => {
    const world = await newWorld(over('W-a'), young('W-b'), going('W-c'));
    await world.retention.prune(age);
    const left = [
      'W-b/B',
      'W-b/B2',
      ...['W-c', 'W-unknown'].flatMap((run) => ['A', 'B', 'B2'].map((group) => `${run}/${group}`)),
    ];
    assert.deepEqual([...(await world.workspaces.ids())].sort(), left);
    for (const id of left) {
      await world.workspaces.restore(id, world.root);
      assert.equal(await readFile(join(world.root, 'own.txt'), 'utf8'), id.replace('/', ' '));
      assert.equal(await readFile(join(world.root, 'same.txt'), 'utf8'), 'shared by all');
    }
    const contents = await readdir(join(world.stateDir, 'workspaces', 'contents'), { recursive: true });
    assert.equal(contents.filter((name) => name.length > 64).length, left.length + 1);
    assert.match(world.logged.join('\n'), /let go of 4 snapshots/);
  });

  it('goes without a trace where no escalation was written, and a second look finds nothing to do', async () => {
    const world = await newWorld(over('W-a'));
    await rm(join(world.stateDir, 'workflow', 'W-a', 'Escalation-B-1.md'));
    await world.retention.prune(age);
    assert.deepEqual(await world.folder('W-a'), ['(gone)']);
    world.logged.length = 0;
    await world.retention.prune(age);
    assert.deepEqual(world.logged, []);
  });

  it('stays where it is damaged or where nobody knows it, and hinders nothing else', async () => {
    const world = await newWorld(over('W-a'), over('W-b'));
    const { stateDir } = world;
    const snapshots = join(stateDir, 'workspaces', 'snapshots');
    await writeFile(join(snapshots, 'W-a%2FA.snapshot'), 'torn');
    await writeFile(join(snapshots, '%zz.snapshot'), 'odd');
    await writeFile(join(stateDir, 'agents', 'records', 'workflow-W-a-A-1-1.json'), '{"kind":');
    await writeFile(join(stateDir, 'agents', 'records', '%zz.json'), '{}');
    const old = new Date(at - 90 * day);
    await utimes(join(stateDir, 'agents', 'records', 'workflow-W-a-A-1-1.json'), old, old);
    await writeFile(join(stateDir, 'workflow', 'W-a', 'notes.txt'), 'of a person');
    await mkdir(join(stateDir, 'workflow', 'W-a', 'odd-1.log'));
    await writeFile(join(stateDir, 'workflow', 'W-x'), 'a file');
    await world.retention.prune(age);
    assert.deepEqual(
      await readdir(snapshots).then((all) => all.filter((name) => !name.includes('unknown')).sort()),
      ['%zz.snapshot', 'W-a%2FA.snapshot'],
    );
    assert.deepEqual(await world.records('agents/records'), [
      '%zz.json',
      'workflow-W-a-A-1-1.json',
      'workflow-W-unknown-A-1-1.json',
    ]);
    assert.deepEqual(await world.folder('W-a'), ['Escalation-B-1.md', 'notes.txt', 'odd-1.log']);
    assert.deepEqual(await world.folder('W-b'), ['Escalation-B-1.md']);
    // What the damaged one shares with others cannot be told.
    await world.workspaces.restore('W-unknown/A', world.root);
  });

  it('goes although something else cannot be removed, which is told', async () => {
    const world = await newWorld(over('W-a'));
    world.workspaces.forget = () => Promise.reject(new Error('the disk is away'));
    await world.retention.prune(age);
    assert.deepEqual(world.logged, ['retention of snapshots: the disk is away']);
    assert.deepEqual(await world.folder('W-a'), ['Escalation-B-1.md']);
  });

  it('is kept of every run that may still ask for it, by the id of a command', () => {
    const runs = [over('W-a1'), going('W-a')];
    const retention = new RunRetention({} as never, {
      all: () => runs,
      find: (run) => runs.find((one) => one.run === run) ?? null,
    });
    const keeps = (id: string) => retention.keeps(id, age);
    assert.deepEqual(
      ['workflow-W-a-A-1-1', 'workflow-undo-W-a-A-1-1', 'workflow-W-zz-A-1', 'workflow-odd'].map(keeps),
      [true, true, true, true],
    );
    assert.deepEqual(['workflow-W-a1-A-1-1', 'workflow-undo-W-a1-A-1-1', 'command-R-1-1'].map(keeps), [
      false,
      false,
      false,
    ]);
  });
});
