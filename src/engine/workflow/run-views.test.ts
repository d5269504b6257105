import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PlanGroup, PlanNode } from '../../workflow/plan/plan.ts';
import type { RunCommand } from '../../workflow/run/command.ts';
import { decide } from '../../workflow/run/decide.ts';
import { evolve } from '../../workflow/run/evolve.ts';
import { emptyRun } from '../../workflow/run/state.ts';
import { runStatusOf } from './run-views.ts';

const group: PlanGroup = {
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
  failure: { actions: ['escalate'], to: '@lead', text: '' },
  agents: [],
  links: [],
  parallel: false,
};

const node: PlanNode = {
  id: 'S-1-1',
  group: 'S-1',
  command: 'Build',
  description: null,
  needs: [],
  executor: null,
  missing: 'run or person',
  tools: [],
  criteria: [],
  timeoutMs: 1,
  idempotent: false,
  undo: null,
  reachesOutside: false,
  unconfined: false,
};

const plan = {
  documents: [{ path: 'walls.md', digest: 'sha256:1', generation: 'monolith' as const, superPrompt: null }],
  agents: [],
  protectedPaths: [],
  concurrency: 1,
  groups: [group],
  nodes: [node],
};

function waitsFor(...commands: readonly RunCommand[]): readonly string[] {
  const start = { type: 'StartRun', run: 'W-1', plan, workspace: '/w', from: null, only: null } as const;
  const run = [{ ...start, at: 1, by: 'ada' }, ...commands].reduce((before, command) => {
    const decision = decide(before, command);
    assert.ok(decision.kind === 'decided', JSON.stringify(decision));
    return decision.events.reduce(evolve, before);
  }, emptyRun('W-1'));
  return runStatusOf(run).waitsFor;
}

describe('what a run waits for', () => {
  it('tells of a step that nobody does what it lacks, and both ways on', () => {
    const [line = ''] = waitsFor();
    assert.match(line, /^S-1-1 has nobody to do it \(it lacks run or person\)/);
    assert.match(line, /`sluice workflow cancel --reason …`.*`sluice workflow complete S-1-1`/);
  });

  it('tells how a concern is answered', () => {
    const raise = { type: 'RaiseConcern', concern: 'C-1', group: 'S-1', text: 'wet', owner: null } as const;
    const lines = waitsFor({ ...raise, at: 2, by: 'ada' });
    assert.ok(
      lines.includes('concern C-1 is open: `sluice workflow answer C-1 --reason …`'),
      lines.join('\n'),
    );
  });
});
