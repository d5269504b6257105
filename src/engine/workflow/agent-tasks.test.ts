import assert from 'node:assert/strict';
import { it } from 'node:test';
import { memoryGroup, memoryNode, memoryPlan } from '../../workflow/plan/memory-plan.ts';
import { memoryRun } from '../../workflow/run/memory-run.ts';
import { AgentTasks } from './agent-tasks.ts';

const step = memoryNode('S-1-1', {
  command: 'Build it',
  description: 'Of wood.',
  executor: { kind: 'person', person: null },
  criteria: [
    {
      id: '1',
      label: 'File Exists',
      kind: 'file-exists',
      text: 'wall.md',
      test: { kind: 'sign-off' },
      proves: false,
    },
  ],
});

it('an agent reads the tasks of its plan, and its word for done changes none of them', async () => {
  const run = memoryRun(memoryPlan([memoryGroup('S-1', { title: 'Walls' })], [step]));
  const tasks = new AgentTasks((id) => (id === 'W-1' ? run : null));
  assert.equal(
    await tasks.get('workflow-W-1-S-1-1-1', 'S-1-1'),
    'S-1-1 (READY): Build it\nOf wood.\n- File Exists: wall.md',
  );
  assert.equal(
    await tasks.get('workflow-W-1-S-1-1-1', 'S-1'),
    'S-1 (RUNNING): Walls\n- S-1-1 (READY): Build it',
  );
  assert.match(await tasks.setStatus('workflow-W-1-S-1-1-1', 'S-1-1', 'done'), /S-1-1 is READY/);
  await assert.rejects(tasks.get('workflow-W-1-S-1-1-1', 'S-9'), /nowhere in this plan/);
  await assert.rejects(tasks.get('workflow-W-2-S-1-1-1', 'S-1'), /no plan/);
});
