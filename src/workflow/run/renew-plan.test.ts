import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { memoryGroup, memoryNode, memoryPlan, memoryProbe } from '../plan/memory-plan.ts';
import type { PlanNode, WorkflowPlan } from '../plan/plan.ts';
import type { RunCommand } from './command.ts';
import { decide, type RunDecision } from './decide.ts';
import { evolve } from './evolve.ts';
import type { Judgement } from './judgement.ts';
import { emptyRun, type WorkflowRun } from './state.ts';

const seen = { holds: true, observed: 'ok', digest: null, exitCode: 0, excerpt: '', path: null, at: 0 };
const done = { ended: 'done', exitCode: 0, excerpt: '', log: null, durationMs: 1, usage: null, tampered: [] };

function asked(run: WorkflowRun, command: object): RunDecision {
  return decide(run, { at: 0, by: 'ada', ...command } as RunCommand);
}

function told(run: WorkflowRun, command: object): WorkflowRun {
  const decision = asked(run, command);
  assert.equal(decision.kind, 'decided');
  return decision.kind === 'decided' ? decision.events.reduce(evolve, run) : run;
}

const planOf = (...nodes: readonly PlanNode[]) =>
  memoryPlan(
    [...new Set(nodes.map(({ group }) => group))].map((id) => memoryGroup(id)),
    nodes,
  );

const started = (plan: WorkflowPlan) =>
  told(emptyRun('W-1'), { type: 'StartRun', run: 'W-1', plan, workspace: '/w', from: null, only: null });

function performed(run: WorkflowRun, step: string, outcome: Judgement['outcome'] = 'holds'): WorkflowRun {
  const attempt = run.steps.get(step)?.attempt ?? 0;
  const criteria = run.plan?.nodes.find(({ id }) => id === step)?.criteria ?? [];
  const judgements = criteria.map(({ id }) => ({ criterion: id, outcome, seen }));
  const after = told(run, { type: 'RecordPerformed', step, attempt, performed: done });
  return told(after, { type: 'RecordJudged', step, attempt, judgements });
}

const renewed = (run: WorkflowRun, plan: WorkflowPlan, acceptChanges = false) =>
  told(run, { type: 'RenewPlan', plan, acceptChanges });
const statuses = ({ steps }: WorkflowRun) => [...steps].map(([id, { status }]) => `${id} ${status}`);

describe('a run whose bindings were corrected', () => {
  it('keeps what was verified, and does what lacked somebody to do it', () => {
    const lacking = memoryNode('A-2', { executor: null, missing: 'run' });
    const run = performed(started(planOf(memoryNode('A-1'), lacking)), 'A-1');
    assert.deepEqual(statuses(run), ['A-1 SUCCEEDED', 'A-2 BLOCKED']);
    const other = memoryNode('A-1', { executor: { kind: 'run', run: './other.sh', env: {} } });
    const after = renewed(run, planOf(other, memoryNode('A-2')));
    assert.deepEqual(statuses(after), ['A-1 SUCCEEDED', 'A-2 RUNNING']);
  });

  it('judges once more what was done and had no proof', () => {
    const plan = planOf(memoryNode('A-1', { criteria: [] }));
    const run = performed(started(plan), 'A-1');
    assert.deepEqual(statuses(run), ['A-1 UNPROVEN']);
    const after = renewed(run, planOf(memoryNode('A-1', { criteria: [memoryProbe] })));
    assert.deepEqual(statuses(after), ['A-1 VERIFYING']);
  });

  it('leaves what a person holds up where it is', () => {
    const plan = planOf(memoryNode('A-1'), memoryNode('A-2'));
    const run = told(started(plan), { type: 'Block', step: 'A-2', reason: 'wait' });
    const after = renewed(run, planOf(memoryNode('A-1'), memoryNode('A-2', { timeoutMs: 5 })));
    assert.deepEqual(statuses(after), ['A-1 RUNNING', 'A-2 BLOCKED']);
  });
});

describe('a run whose documents were changed', () => {
  const before = planOf(memoryNode('A-1'), memoryNode('A-2'), memoryNode('B-1'));
  const after = planOf(memoryNode('A-1', { command: 'Do more' }), memoryNode('A-2'), memoryNode('C-1'));

  it('refuses to go on unless somebody accepts it', () => {
    const run = performed(started(before), 'A-1');
    const refused = asked(run, { type: 'RenewPlan', plan: after, acceptChanges: false });
    assert.equal(refused.kind, 'refused');
    assert.ok(refused.kind === 'refused' && refused.code === 'documents-changed');
    assert.match(refused.kind === 'refused' ? refused.remedy : '', /--accept-changes/);
  });

  it('begins anew what reads otherwise, and keeps the rest', () => {
    const run = performed(performed(started(before), 'A-1'), 'A-2');
    const next = renewed(run, after, true);
    assert.deepEqual(statuses(next), ['A-1 RUNNING', 'A-2 SUCCEEDED', 'C-1 PENDING']);
    assert.equal(next.steps.get('A-1')?.attempt, 2);
    const ended = performed(performed(next, 'A-1'), 'C-1');
    assert.equal(ended.status, 'succeeded');
  });

  it('goes on where only ticks and statuses are others', () => {
    const ticked = planOf(
      ...before.nodes.map((node) => ({ ...node, claim: { kind: 'done', status: 'done' } as const })),
    );
    assert.deepEqual(statuses(renewed(started(before), ticked)), [
      'A-1 RUNNING',
      'A-2 PENDING',
      'B-1 PENDING',
    ]);
  });
});
