import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  memoryGroup as group,
  memoryNode as node,
  memoryPlan as plan,
  memoryProbe as probe,
} from '../plan/memory-plan.ts';
import type { FailureAction, PlanNode, WorkflowPlan } from '../plan/plan.ts';
import type { PlannedCriterion } from '../plan/planned-criterion.ts';
import type { RunCommand } from './command.ts';
import { decide, type RunDecision } from './decide.ts';
import type { RunEvent } from './event.ts';
import { evolve } from './evolve.ts';
import type { Judgement, Performed } from './judgement.ts';
import { pendingActions, type RunAction } from './pending-actions.ts';
import { emptyRun, type StepStatus } from './state.ts';

const signOff: PlannedCriterion = {
  ...probe,
  id: '1',
  kind: 'human',
  test: { kind: 'sign-off' },
  proves: false,
};

const seen = { holds: true, observed: 'ok', digest: null, exitCode: 0, excerpt: '', path: null, at: 0 };

type Answers = {
  perform?: (node: PlanNode, attempt: number) => Partial<Performed>;
  judge?: (id: string, attempt: number) => Judgement['outcome'];
  /** Whether a snapshot can be taken. Default: it can. */
  keep?: () => boolean;
};

/** A world that does at once what is pending. */
class World {
  state = emptyRun('W-1');
  readonly events: RunEvent[] = [];
  readonly performed: string[] = [];
  now = 0;
  readonly answers: Answers;

  constructor(answers: Answers = {}) {
    this.answers = answers;
  }

  tell(command: Omit<RunCommand, 'at' | 'by'> & { by?: string }): RunDecision {
    const decision = decide(this.state, { by: 'ada', ...command, at: this.now } as RunCommand);
    if (decision.kind === 'decided') {
      this.events.push(...decision.events);
      this.state = decision.events.reduce(evolve, this.state);
    }
    return decision;
  }

  start(of: WorkflowPlan, part: { from?: string; only?: string } = {}): RunDecision {
    const { from = null, only = null } = part;
    return this.tell({ type: 'StartRun', run: 'W-1', plan: of, workspace: '/w', from, only } as never);
  }

  run(bound = 500): this {
    for (let steps = 0; ; steps += 1) {
      assert.ok(steps < bound, 'the run comes to no rest');
      const [action] = pendingActions(this.state);
      if (action === undefined) return this;
      this.tell(this.answer(action) as never);
    }
  }

  answer(action: RunAction): object {
    const judged = (criteria: readonly PlannedCriterion[], id: string, attempt: number) =>
      criteria.map(({ id: criterion, test }): Judgement => {
        const outcome = test.kind === 'sign-off' ? 'waits' : (this.answers.judge?.(id, attempt) ?? 'holds');
        return { criterion, outcome, seen };
      });
    switch (action.type) {
      case 'perform': {
        const { id } = action.node;
        this.performed.push(id);
        const done = {
          ended: 'done',
          exitCode: 0,
          excerpt: '',
          log: null,
          durationMs: 1,
          usage: null,
          tampered: [],
        };
        const performed = { ...done, ...this.answers.perform?.(action.node, action.attempt) };
        return { type: 'RecordPerformed', step: id, attempt: action.attempt, performed };
      }
      case 'judge-step': {
        const { node: judgedNode, attempt } = action;
        const judgements = judged(judgedNode.criteria, judgedNode.id, attempt);
        return { type: 'RecordJudged', step: judgedNode.id, attempt, judgements };
      }
      case 'judge-preconditions': {
        const { id, preconditions } = action.group;
        return { type: 'RecordPreconditions', group: id, judgements: judged(preconditions, id, 0) };
      }
      case 'judge-group': {
        const { id, criteria } = action.group;
        return { type: 'RecordGroupJudged', group: id, judgements: judged(criteria, id, 0) };
      }
      case 'snapshot':
        return this.answers.keep?.() === false
          ? { type: 'RecordSnapshotFailed', group: action.group.id, reason: 'no room' }
          : { type: 'RecordSnapshot', group: action.group.id, digest: 'sha256:before' };
      case 'revert':
        return {
          type: 'RecordReverted',
          group: action.group.id,
          digest: 'sha256:before',
          restored: [],
          notReverted: [],
        };
      case 'notify':
        return { type: 'RecordNotified', group: action.group.id };
      case 'escalate':
        return { type: 'RecordEscalated', group: action.group.id, file: 'escalation.md' };
      case 'tick':
        this.now = Math.max(this.now, action.at);
        return { type: 'Tick' };
    }
  }

  statuses(): Record<string, StepStatus> {
    return Object.fromEntries([...this.state.steps].map(([id, { status }]) => [id, status]));
  }
}

const failing = (actions: readonly FailureAction[]) => ({ failure: { actions, to: '@lead', text: null } });

describe('a run', () => {
  it('does the steps of a group in order, and groups by what they need', () => {
    const world = new World();
    const groups = [group('B', { needs: [{ on: 'A', condition: 'succeeded' }] }), group('A')];
    world.start(plan(groups, [node('B-1'), node('A-1'), node('A-2')]));
    world.run();
    assert.deepEqual(world.performed, ['A-1', 'A-2', 'B-1']);
    assert.equal(world.state.status, 'succeeded');
  });

  it('holds a step that nothing proves for unproven until a person accepts it, by name', () => {
    const world = new World();
    world.start(plan([group('A')], [node('A-1', { criteria: [{ ...probe, proves: false }] }), node('A-2')]));
    world.run();
    assert.deepEqual(world.statuses(), { 'A-1': 'UNPROVEN', 'A-2': 'PENDING' });
    assert.equal(world.state.status, 'running');
    const asked = { type: 'Accept', id: 'A-1', criterion: null, reason: 'I looked' };
    assert.equal(world.tell({ ...asked, by: 'agent:@dev' } as never).kind, 'refused');
    world.tell(asked as never);
    world.run();
    assert.equal(world.state.steps.get('A-1')?.acceptedBy, 'ada');
    assert.equal(world.state.status, 'succeeded');
  });

  it('tries again as often as the document says, with growing pauses, and then escalates', () => {
    const world = new World({ judge: () => 'fails' });
    world.start(plan([group('A', { retries: 2 })], [node('A-1')]));
    world.run();
    assert.deepEqual(world.performed, ['A-1', 'A-1', 'A-1']);
    assert.equal(world.now, 3_000);
    assert.deepEqual(world.statuses(), { 'A-1': 'ESCALATED' });
    world.tell({ type: 'Retry', step: 'A-1', reason: 'mended' } as never);
    world.run();
    assert.equal(world.performed.length, 6);
  });

  it('reverts the whole group before it calls for a person, and does it all again when that one says so', () => {
    let broken = true;
    const world = new World({ judge: (id) => (id === 'A-2' && broken ? 'fails' : 'holds') });
    world.start(plan([group('A', failing(['revert', 'escalate']))], [node('A-1'), node('A-2')]));
    world.run();
    assert.deepEqual(world.statuses(), { 'A-1': 'REVERTED', 'A-2': 'ESCALATED' });
    broken = false;
    world.tell({ type: 'Retry', step: 'A-2', reason: 'mended' } as never);
    world.run();
    assert.deepEqual(world.performed, ['A-1', 'A-2', 'A-1', 'A-2']);
    assert.equal(world.state.status, 'succeeded');
  });

  it('goes on after a failure that is only to be told, and says at the end that it failed', () => {
    const world = new World({ judge: (id) => (id === 'A-1' ? 'fails' : 'holds') });
    world.start(plan([group('A', failing(['notify']))], [node('A-1'), node('A-2')]));
    world.run();
    assert.deepEqual(world.statuses(), { 'A-1': 'FAILED', 'A-2': 'SUCCEEDED' });
    assert.equal(world.state.status, 'failed');
  });

  it('blocks a step that nobody is bound to, and takes the word of a person for no evidence', () => {
    const world = new World({ judge: (_, attempt) => (attempt === 1 ? 'fails' : 'holds') });
    world.start(plan([group('A', { retries: 0 })], [node('A-1', { executor: null, missing: 'a binding' })]));
    world.run();
    assert.deepEqual(world.statuses(), { 'A-1': 'BLOCKED' });
    assert.equal(world.state.steps.get('A-1')?.reason, 'it lacks a binding');
    const complete = { type: 'Complete', step: 'A-1', note: 'done, honestly' };
    world.tell(complete as never);
    world.run();
    assert.deepEqual(world.statuses(), { 'A-1': 'ESCALATED' });
  });

  it('does what was under way at a crash again only if it may be done twice', () => {
    const lost = {
      perform: (_: PlanNode, attempt: number) => (attempt === 1 ? { ended: 'lost' as const } : {}),
    };
    const judge = (_: string, attempt: number) => (attempt === 1 ? 'fails' : 'holds') as Judgement['outcome'];
    const once = new World({ ...lost, judge });
    once.start(plan([group('A')], [node('A-1')]));
    assert.deepEqual(once.run().statuses(), { 'A-1': 'BLOCKED' });
    const twice = new World({ ...lost, judge });
    twice.start(plan([group('A')], [node('A-1', { idempotent: true })]));
    assert.deepEqual(twice.run().statuses(), { 'A-1': 'SUCCEEDED' });
    const done = new World(lost);
    done.start(plan([group('A')], [node('A-1')]));
    assert.deepEqual(done.run().performed, ['A-1']);
    assert.deepEqual(done.statuses(), { 'A-1': 'SUCCEEDED' });
  });

  it('waits for a sign-off where only a person can judge, and for answers to concerns', () => {
    const world = new World();
    world.start(plan([group('A', { criteria: [signOff] })], [node('A-1')]));
    world.tell({ type: 'RaiseConcern', concern: 'C-1', group: 'A', text: 'unsafe', owner: null } as never);
    world.run();
    assert.equal(world.state.groups.get('A')?.status, 'RUNNING');
    world.tell({ type: 'ResolveConcern', concern: 'C-1', resolution: 'it is safe' } as never);
    world.run();
    assert.equal(world.state.groups.get('A')?.status, 'UNPROVEN');
    world.tell({ type: 'Accept', id: 'A', criterion: null, reason: 'reviewed' } as never);
    assert.equal(world.state.status, 'succeeded');
  });

  it('gives a step to the client that it is for, and to no other agent', () => {
    const world = new World();
    const via = { kind: 'mcp', client: 'Claude Code' } as const;
    const executor = { kind: 'agent', handle: '@dev', via } as const;
    world.start(plan([group('A')], [node('A-1', { executor })]));
    const take = { type: 'Take', step: 'A-1' };
    assert.equal(world.tell({ ...take, by: 'mcp:other' } as never).kind, 'refused');
    const complete = { type: 'Complete', step: 'A-1', note: null };
    assert.equal(world.tell({ ...complete, by: 'mcp:other' } as never).kind, 'refused');
    assert.equal(world.tell({ ...take, by: 'mcp:Claude-Code' } as never).kind, 'decided');
    world.tell({ ...complete, by: 'mcp:Claude-Code' } as never);
    assert.deepEqual(world.run().statuses(), { 'A-1': 'SUCCEEDED' });
  });

  it('fails an attempt that changed a protected path, whatever its criteria say', () => {
    const world = new World({ perform: () => ({ tampered: ['QA/report.md'] }) });
    world.start(plan([group('A')], [node('A-1')]));
    assert.deepEqual(world.run().statuses(), { 'A-1': 'ESCALATED' });
    assert.match(world.state.steps.get('A-1')?.reason ?? '', /QA\/report\.md/);
  });

  it('leaves out what was not asked for', () => {
    const world = new World();
    const groups = [group('A'), group('B', { needs: [{ on: 'A', condition: 'succeeded' }] })];
    const nodes = [node('A-1'), node('A-2'), node('B-1')];
    assert.equal(world.start(plan(groups, nodes), { from: 'A-9' }).kind, 'refused');
    world.start(plan(groups, nodes), { from: 'A-2' });
    assert.deepEqual(world.run().performed, ['A-2', 'B-1']);
    const only = new World();
    only.start(plan(groups, nodes), { only: 'B' });
    assert.deepEqual(only.run().performed, ['B-1']);
    assert.equal(only.state.status, 'succeeded');
  });

  it('lets nobody else work while a group may still have to be reverted', () => {
    const world = new World();
    const person = { kind: 'person', person: null } as const;
    const groups = [group('A', failing(['revert'])), group('B')];
    world.start(plan(groups, [node('A-1', { executor: person }), node('B-1')]));
    world.run();
    assert.deepEqual(world.statuses(), { 'A-1': 'PENDING', 'B-1': 'PENDING' });
    world.tell({ type: 'Complete', step: 'A-1', note: null } as never);
    world.run();
    assert.equal(world.state.status, 'succeeded');
  });
});

describe('whatever happens', () => {
  const actions = fc.constantFrom<readonly FailureAction[]>(
    ['escalate'],
    ['revert', 'escalate'],
    ['revert'],
    ['notify'],
  );
  const executors = fc.constantFrom<PlanNode['executor']>(
    { kind: 'run', run: 'x', env: {} },
    { kind: 'person', person: null },
    null,
  );
  const shape = fc.array(
    fc.record({
      actions,
      retries: fc.nat(2),
      parallel: fc.boolean(),
      signed: fc.boolean(),
      needs: fc.array(fc.nat(5), { maxLength: 2 }),
      steps: fc.array(fc.record({ executor: executors, proves: fc.boolean(), idempotent: fc.boolean() }), {
        minLength: 1,
        maxLength: 4,
      }),
    }),
    { minLength: 1, maxLength: 5 },
  );
  const outcomes = fc.infiniteStream(
    fc.constantFrom<Judgement['outcome']>('holds', 'holds', 'holds', 'fails', 'restates'),
  );
  const endings = fc.infiniteStream(
    fc.constantFrom<Performed['ended']>('done', 'done', 'done', 'failed', 'lost', 'timed-out'),
  );

  it('nothing throws, replay equals live state, no step succeeds unproven, and it comes to rest', () => {
    fc.assert(
      fc.property(
        shape,
        outcomes,
        endings,
        fc.infiniteStream(fc.constantFrom(true, true, true, false)),
        fc.array(fc.nat(11), { maxLength: 30 }),
        (shapes, judged, ended, kept, people) => {
          const groups = shapes.map((one, at) =>
            group(`G${at}`, {
              ...failing(one.actions),
              retries: one.retries,
              parallel: one.parallel,
              criteria: one.signed ? [signOff] : [],
              needs: one.needs
                .filter((need) => need < at)
                .map((need) => ({ on: `G${need}`, condition: 'succeeded' })),
            }),
          );
          const nodes = shapes.flatMap((one, at) =>
            one.steps.map(({ executor, proves, idempotent }, index) =>
              node(`G${at}-${index}`, { executor, idempotent, criteria: [{ ...probe, proves }] }),
            ),
          );
          const world = new World({
            judge: () => judged.next().value,
            perform: () => ({ ended: ended.next().value }),
            keep: () => kept.next().value,
          });
          world.start(plan(groups, nodes, { concurrency: 2 }));
          world.run();
          for (const word of people) {
            const id = nodes[word % nodes.length]?.id ?? '';
            const words = [
              'Complete',
              'Retry',
              'Block',
              'Accept',
              'Skip',
              'Take',
              'Accept',
              'Resume',
            ] as const;
            const asked = words[word % words.length];
            world.tell({
              type: asked,
              step: id,
              id: word > 7 ? (groups[0]?.id ?? '') : id,
              criterion: null,
              note: null,
              reason: 'r',
            } as never);
            world.run();
          }
          assert.deepEqual(world.events.reduce(evolve, emptyRun('W-1')), world.state);
          for (const { id, criteria } of nodes) {
            const { status, acceptedBy, judgements } = world.state.steps.get(id) ?? assert.fail();
            if (status !== 'SUCCEEDED' || acceptedBy !== null) continue;
            assert.ok(criteria.some(({ proves }) => proves));
            assert.ok(judgements.every(({ outcome }) => outcome === 'holds'));
          }
          // At most one group works where none of them is parallel or may have to be reverted.
          const holding = groups.filter(({ id }) => world.state.groups.get(id)?.status === 'RUNNING');
          assert.ok(
            world.state.status !== 'running' ||
              holding.length > 0 ||
              [...world.state.groups.values()].some(({ status }) =>
                ['ESCALATED', 'UNPROVEN', 'BLOCKED'].includes(status),
              ),
          );
        },
      ),
      { numRuns: 300 },
    );
  });
});
