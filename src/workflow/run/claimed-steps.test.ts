import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Claim } from '../plan/claimed-status.ts';
import { memoryGroup, memoryNode, memoryPlan } from '../plan/memory-plan.ts';
import type { PlanNode } from '../plan/plan.ts';
import type { RunCommand } from './command.ts';
import { decide } from './decide.ts';
import { evolve } from './evolve.ts';
import type { Judgement } from './judgement.ts';
import { pendingActions } from './pending-actions.ts';
import { emptyRun, type StepState, type WorkflowRun } from './state.ts';

const seen = { holds: true, observed: 'ok', digest: null, exitCode: 0, excerpt: '', path: null, at: 0 };

function told(run: WorkflowRun, command: object): WorkflowRun {
  const decision = decide(run, { at: 0, by: 'ada', ...command } as RunCommand);
  assert.equal(decision.kind, 'decided');
  return decision.kind === 'decided' ? decision.events.reduce(evolve, run) : run;
}

function started(...nodes: readonly PlanNode[]): WorkflowRun {
  const groups = [...new Set(nodes.map(({ group }) => group))].map((id) => memoryGroup(id));
  const plan = memoryPlan(groups, nodes);
  return told(emptyRun('W-1'), {
    type: 'StartRun',
    run: 'W-1',
    plan,
    workspace: '/w',
    from: null,
    only: null,
  });
}

const claimed = (kind: Claim['kind'], status: string, change: Partial<PlanNode> = {}) =>
  memoryNode('A-1', { claim: { kind, status }, ...change });

const step = (run: WorkflowRun, id = 'A-1'): StepState => {
  const found = run.steps.get(id);
  assert.ok(found !== undefined);
  return found;
};

const judged = (run: WorkflowRun, ...outcomes: readonly Judgement['outcome'][]) =>
  told(run, {
    type: 'RecordJudged',
    step: 'A-1',
    attempt: 1,
    judgements: outcomes.map((outcome) => ({ criterion: 'probe-1', outcome, seen })),
  });

describe('a step that its document says is done', () => {
  it('is judged before anybody does it, and succeeds with proof', () => {
    const run = started(claimed('done', 'done'));
    assert.deepEqual(
      pendingActions(run).map(({ type }) => type),
      ['judge-step'],
    );
    const { status, acceptedBy, performed } = step(judged(run, 'holds'));
    assert.deepEqual([status, acceptedBy, performed?.ended], ['SUCCEEDED', null, 'claimed']);
  });

  it('is done after all where it was not, with all its attempts', () => {
    const run = judged(started(claimed('done', 'completed')), 'fails');
    assert.deepEqual([step(run).status, step(run).attempt, step(run).firstAttempt], ['RUNNING', 2, 2]);
    assert.deepEqual(
      pendingActions(run).map(({ type }) => type),
      ['perform'],
    );
  });

  it('tells that the document was wrong where nobody is bound to do it', () => {
    const run = judged(started(claimed('done', 'done', { executor: null, missing: 'run' })), 'fails');
    assert.equal(step(run).status, 'BLOCKED');
    assert.match(step(run).reason ?? '', /its document says "done", but .*; it lacks run/);
  });

  it('is UNPROVEN where nothing proves it, and a person accepts it or has it done', () => {
    for (const outcome of ['unbound', 'waits'] as const) {
      const run = judged(started(claimed('done', 'done')), outcome);
      assert.equal(step(run).status, 'UNPROVEN');
      assert.match(step(run).reason ?? '', /its document says "done"/);
      const accepted = told(run, { type: 'Accept', id: 'A-1', criterion: null, reason: 'seen' });
      assert.deepEqual([step(accepted).status, step(accepted).acceptedBy], ['SUCCEEDED', 'ada']);
      assert.equal(step(told(run, { type: 'Retry', step: 'A-1', reason: 'again' })).status, 'RUNNING');
    }
  });
});

describe('a step that its document does not want now', () => {
  it('is left out where it was cancelled, and its group with it', () => {
    const run = started(claimed('left-out', 'cancelled'), memoryNode('B-1'));
    assert.deepEqual([step(run).status, run.groups.get('A')?.status], ['SKIPPED', 'SKIPPED']);
    assert.equal(step(run).reason, 'its document says "cancelled"');
    assert.equal(step(run, 'B-1').status, 'RUNNING');
  });

  it('waits for a word where it was put off', () => {
    const run = started(claimed('postponed', 'deferred'));
    assert.equal(step(run).status, 'BLOCKED');
    assert.match(step(run).reason ?? '', /"deferred"/);
    assert.equal(step(told(run, { type: 'Retry', step: 'A-1', reason: 'now' })).status, 'RUNNING');
    assert.equal(told(run, { type: 'Skip', step: 'A-1', reason: 'no' }).status, 'succeeded');
  });
});
