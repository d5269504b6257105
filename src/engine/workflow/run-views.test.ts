import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { JournalEvent } from '../../journal/journal.ts';
import { memoryGroup, memoryNode, memoryPlan } from '../../workflow/plan/memory-plan.ts';
import type { RunCommand } from '../../workflow/run/command.ts';
import { memoryRun } from '../../workflow/run/memory-run.ts';
import { runStatusOf } from './run-views.ts';

const unbound = memoryNode('S-1-1', { executor: null, missing: 'run or person' });

function waitsFor(...commands: readonly RunCommand[]): readonly string[] {
  return runStatusOf(memoryRun(memoryPlan([memoryGroup('S-1')], [unbound]), ...commands)).waitsFor;
}

describe('what a run waits for', () => {
  it('tells of a step that nobody does what it lacks, and both ways on', () => {
    const [line = ''] = waitsFor();
    assert.match(line, /^S-1-1 has nobody to do it \(it lacks run or person\)/);
    assert.match(line, /`sluice workflow resume`.*`sluice workflow complete S-1-1`/);
  });

  it('tells how a concern is answered', () => {
    const raise = { type: 'RaiseConcern', concern: 'C-1', group: 'S-1', text: 'wet', owner: null } as const;
    const lines = waitsFor({ ...raise, at: 2_000, by: 'ada' });
    assert.ok(
      lines.includes('concern C-1 is open: `sluice workflow answer C-1 --reason …`'),
      lines.join('\n'),
    );
  });
});

describe('the status of a run for who knows an earlier one', () => {
  const nodes = ['S-1-1', 'S-1-2', 'S-2-1'].map((id) => memoryNode(id, { executor: null }));
  const run = memoryRun(memoryPlan([memoryGroup('S-1'), memoryGroup('S-2')], nodes));
  const told = (type: string, ...data: readonly object[]) =>
    runStatusOf(
      run,
      data.map((one) => ({ type, data: one }) as JournalEvent),
    ).steps.map(({ id }) => id);

  it('has the steps that events tell of, and every step of a group that they tell of', () => {
    assert.equal(runStatusOf(run).steps.length, 3);
    assert.equal(runStatusOf(run).version, run.version);
    assert.deepEqual(told('StepStarted'), []);
    assert.deepEqual(told('StepStarted', { step: 'S-2-1' }, { ending: 'failed' }), ['S-2-1']);
    assert.deepEqual(told('FailureHandled', { step: null, group: 'S-1' }), ['S-1-1', 'S-1-2']);
    assert.equal(told('PlanRenewed', {}).length, 3);
  });
});
