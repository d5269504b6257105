import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { WorkflowPlan } from '../../workflow/plan/plan.ts';
import { decide } from '../../workflow/run/decide.ts';
import { evolve } from '../../workflow/run/evolve.ts';
import { emptyRun } from '../../workflow/run/state.ts';
import { AgentTasks } from './agent-tasks.ts';

const plan: WorkflowPlan = {
  documents: [],
  agents: [],
  protectedPaths: [],
  concurrency: 1,
  groups: [
    {
      id: 'S-1',
      kind: 'subtask',
      task: null,
      title: 'Walls',
      document: 0,
      needs: [],
      preconditions: [],
      criteria: [],
      retries: 0,
      backoffMs: 1,
      failure: { actions: ['escalate'], to: null, text: null },
      agents: [],
      links: [],
      parallel: false,
    },
  ],
  nodes: [
    {
      id: 'S-1-1',
      group: 'S-1',
      command: 'Build it',
      description: 'Of wood.',
      needs: [],
      executor: { kind: 'person', person: null },
      missing: null,
      tools: [],
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
      timeoutMs: 1,
      idempotent: false,
      undo: null,
      reachesOutside: false,
      unconfined: false,
    },
  ],
};

it('an agent reads the tasks of its plan, and its word for done changes none of them', async () => {
  const asked = { type: 'StartRun', run: 'W-1', plan, workspace: '/w', from: null, only: null } as const;
  const decision = decide(emptyRun('W-1'), { ...asked, at: 1, by: 'ada' });
  assert.ok(decision.kind === 'decided');
  const run = decision.events.reduce(evolve, emptyRun('W-1'));
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
