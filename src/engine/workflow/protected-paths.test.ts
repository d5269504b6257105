import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { memoryNode } from '../../workflow/plan/memory-plan.ts';
import { emptyRun, type StepState, type WorkflowRun } from '../../workflow/run/state.ts';
import { ProtectedPaths } from './protected-paths.ts';
import type { WorkflowParts } from './workflow-parts.ts';

const node = memoryNode('A-1');

/** A workspace whose protected files are the entries of a map, and a run in it. */
async function guardedWorkspace(t: TestContext) {
  const stateDir = await mkdtemp(join(tmpdir(), 'sluice-protected-'));
  t.after(() => rm(stateDir, { recursive: true }));
  const files = new Map([
    ['probe.sh', 'asks the world'],
    ['QA/U-1.md', 'rejected'],
  ]);
  const parts = { stateDir, workspaces: { digests: async () => new Map(files) } } as unknown as WorkflowParts;
  const run: WorkflowRun = emptyRun('R');
  return { files, run, open: () => new ProtectedPaths(parts) };
}

describe('what judges the steps of a run', () => {
  it('is what it was when the run began, also for attempts after the one that changed it', async (t) => {
    const { files, run, open } = await guardedWorkspace(t);
    const guarded = open();
    await guarded.take(run);
    await guarded.begin(run, node, 1);
    assert.deepEqual(await guarded.changed(run), []);
    files.set('probe.sh', 'says yes');
    assert.deepEqual(await guarded.changed(run), ['probe.sh']);
    await guarded.begin(run, node, 2);
    assert.deepEqual(await guarded.changed(run), ['probe.sh']);
    files.set('probe.sh', 'asks the world');
    assert.deepEqual(await guarded.changed(run), []);
  });

  it('is known to the next controller, and to this one whatever is written to the disk', async (t) => {
    const { files, run, open } = await guardedWorkspace(t);
    await open().take(run);
    files.set('probe.sh', 'says yes');
    files.delete('QA/U-1.md');
    assert.deepEqual(await open().changed(run), ['QA/U-1.md', 'probe.sh']);
  });

  it('takes verdicts of QA that come between steps, and none that a step has written', async (t) => {
    const { files, run, open } = await guardedWorkspace(t);
    const guarded = open();
    await guarded.begin(run, node, 1);
    assert.deepEqual(await guarded.changed(run), []);
    files.set('QA/U-2.md', 'approved by QA');
    await guarded.begin(run, node, 2);
    assert.deepEqual(await guarded.changed(run), []);
    files.set('QA/U-1.md', 'approved by whoever did the step');
    assert.deepEqual(await guarded.changed(run), ['QA/U-1.md']);
    await guarded.begin(run, node, 3);
    assert.deepEqual(await guarded.changed(run), ['QA/U-1.md']);
  });

  it('is what a person finds who begins a step anew', async (t) => {
    const { files, run, open } = await guardedWorkspace(t);
    const guarded = open();
    await guarded.begin(run, node, 1);
    files.set('probe.sh', 'asks the world better');
    assert.deepEqual(await guarded.changed(run), ['probe.sh']);
    const anew = { ...run, steps: new Map([['A-1', { firstAttempt: 2 } as StepState]]) };
    await guarded.begin(anew, node, 2);
    assert.deepEqual(await guarded.changed(anew), []);
  });
});
