import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Clock, systemClock } from '../../base/clock.ts';
import { MemoryJournal } from '../../journal/memory-journal.ts';
import { type MemoryWorkspaces, memoryWorkspaces } from '../../ports/workspace/memory.ts';
import { memoryGroup, memoryNode, memoryPlan } from '../../workflow/plan/memory-plan.ts';
import type { PlanGroup } from '../../workflow/plan/plan.ts';
import type { RunCommand } from '../../workflow/run/command.ts';
import { performRun } from './perform-run-actions.ts';
import { RunLoop } from './run-loop.ts';
import { runStatusOf } from './run-views.ts';
import { snapshotTries } from './take-snapshot.ts';
import type { WorkflowParts } from './workflow-parts.ts';

/** What is waited for comes at once, so that no pause is waited out. */
const clock: Clock = {
  ...systemClock,
  after(_, callback) {
    const immediate = setImmediate(callback);
    return () => clearImmediate(immediate);
  },
};

const failure = { actions: ['revert', 'escalate'], to: '@lead', text: null } as const;

/** One subtask that may be reverted, done by a person, in a workspace of which no snapshot can be taken before `folders` has it. */
async function begun(change: Partial<PlanGroup> = {}) {
  const journal = new MemoryJournal();
  const workspaces: MemoryWorkspaces = memoryWorkspaces();
  const log: string[] = [];
  const probed: string[] = [];
  const probe = async () => ({ holds: probed.push('there') > 0, observed: 'it is there' });
  const parts = { clock, workspaces, capabilities: new Map([['there', { probe }]]) };
  const taken = await journal.acquireLease('controller', 'me', { now: 0, ttlMs: 1e15 });
  assert.ok(taken.kind === 'acquired');
  const loop = new RunLoop({
    ...{ run: 'W-1', journal, clock, lease: taken.lease },
    perform: performRun(parts as unknown as WorkflowParts, {} as never),
    onFailure: (_, error) => void log.push((error as { code: string }).code),
  });
  await loop.open();
  const tell = async (command: object) =>
    loop.dispatch({ at: clock.now(), by: 'ada', ...command } as RunCommand);
  const executor = { kind: 'person', person: 'ann' } as const;
  const plan = memoryPlan([memoryGroup('A', { failure, ...change })], [memoryNode('A-1', { executor })]);
  await tell({ type: 'StartRun', run: 'W-1', plan, workspace: '/w', from: null, only: null });
  const until = async (holds: (group: ReturnType<typeof loop.state.groups.get>) => boolean) => {
    for (const endMs = performance.now() + 10_000; !holds(loop.state.groups.get('A')); ) {
      assert.ok(performance.now() < endMs, JSON.stringify(loop.state.groups.get('A')));
      await new Promise(setImmediate);
    }
  };
  return { loop, tell, until, workspaces, log, probed, journal };
}

const isBlocked = (group: { status: string } | undefined) => group?.status === 'BLOCKED';
const isKept = (group: { snapshot: string | null } | undefined) => group?.snapshot != null;

describe('a snapshot that cannot be taken', () => {
  it('blocks its subtask after some tries, so that a person sees why; `resume` tries again', async () => {
    const { loop, tell, until, workspaces, log, journal } = await begun();
    await until(isBlocked);
    assert.deepEqual(log, Array(snapshotTries - 1).fill('snapshot-failed'));
    const { status, waitsFor, groups } = runStatusOf(loop.state);
    assert.equal(status, 'waiting');
    assert.match(groups[0]?.reason ?? '', /^No snapshot of \/w was taken: no such folder\. Let the user/);
    assert.match(waitsFor.join(), /A cannot begin \(No snapshot of \/w.*`sluice workflow resume`/);
    const { length } = await journal.read('workflow/W-1');

    await tell({ type: 'Resume' });
    await until((group) => log.length === 2 * (snapshotTries - 1) && isBlocked(group));
    assert.ok((await journal.read('workflow/W-1')).length < length + 10, 'it fills the journal');

    workspaces.folders.set('/w', {});
    await tell({ type: 'Resume' });
    await until(isKept);
    assert.deepEqual(runStatusOf(loop.state).waitsFor.length, 1);
    assert.equal(runStatusOf(loop.state).steps[0]?.status, 'READY');
    await loop.close();
  });

  it('that comes about within these tries holds nobody up', async () => {
    const { loop, until, workspaces, log } = await begun();
    await until(() => log.length === 3);
    workspaces.folders.set('/w', {});
    await until(isKept);
    assert.equal(loop.state.groups.get('A')?.status, 'RUNNING');
    await loop.close();
  });

  it('cannot be signed away, and no agent is asked to go on without it', async () => {
    const { loop, tell, until } = await begun();
    await until(isBlocked);
    const said = { type: 'Accept', id: 'A', criterion: null, reason: 'never mind' };
    assert.equal((await tell(said)).kind, 'refused');
    assert.equal((await tell({ type: 'Take', step: 'A-1', by: 'ann' })).kind, 'refused');
    await tell({ type: 'Cancel', reason: 'no room' });
    assert.equal(loop.state.status, 'cancelled');
    await loop.close();
  });

  it('has what its subtask needs of others looked at again afterwards', async () => {
    const test = { kind: 'capability', capability: 'there', with: {} } as const;
    const precondition = {
      id: '1',
      label: 'needs',
      kind: 'named-check',
      text: 'x',
      test,
      proves: true,
    } as const;
    const { loop, tell, until, workspaces, probed } = await begun({ preconditions: [precondition] });
    await until(isBlocked);
    assert.match(loop.state.groups.get('A')?.reason ?? '', /^No snapshot/);
    workspaces.folders.set('/w', {});
    await tell({ type: 'Resume' });
    await until(isKept);
    assert.equal(probed.length, 2);
    await loop.close();
  });
});
