import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { RolloutId } from '../base/ids.ts';
import type { InstanceStatus } from '../base/instance-status.ts';
import type { Said } from './command.ts';
import type { RolloutEvent } from './event.ts';
import { evolve } from './evolve.ts';
import { memoryTarget } from './memory-plan.ts';
import { canary, MemoryTarget } from './memory-rollouts.ts';
import { pendingActions } from './pending-actions.ts';
import { currentStep, emptyTarget } from './state.ts';
import type { Strategy } from './strategy.ts';

/** A second rollout whose candidate has users already. */
function halfWay(): MemoryTarget {
  const world = new MemoryTarget();
  world.request('R-1');
  world.run();
  world.request('R-2');
  world.until(({ rollout }) => rollout?.phase === 'forward' && rollout.hadTraffic);
  return world;
}

describe('a rollout', () => {
  it('ends with the candidate stable and the old instances gone after the rollback window', () => {
    const world = new MemoryTarget();
    world.request('R-1');
    world.run();
    world.request('R-2');
    world.run();
    assert.deepEqual(world.endings(), ['succeeded', 'succeeded']);
    assert.equal(world.state.stable?.rollout, 'R-2');
    assert.deepEqual(Object.keys(world.state.instances), ['R-2-1', 'R-2-2']);
    assert.equal(world.state.routes.requested?.candidateWeight, 0);
    assert.equal(world.state.routes.requested?.stable.length, 2);
  });

  it('gives what it retires the drain deadline of its release, which nobody else remembers by then', () => {
    const world = new MemoryTarget();
    world.request('R-1');
    world.run();
    world.request('R-2');
    const drains = () => pendingActions(world.state).filter(({ type }) => type === 'drain-instance');
    world.until(() => drains().length === 2);
    assert.equal(world.state.stable?.rollout, 'R-2');
    assert.deepEqual(
      drains().map((action) => action.type === 'drain-instance' && action.deadlineMs),
      [7_000, 7_000],
    );
  });

  it('that crash-loops fails without ever having had traffic', () => {
    const world = new MemoryTarget(canary, { crash: true });
    world.request('R-1');
    world.run();
    world.request('R-2');
    world.run();
    assert.deepEqual(world.endings(), ['succeeded', 'failed']);
    assert.equal(world.state.stable?.rollout, 'R-1');
    assert.deepEqual(world.state.incidents, []);
  });

  it('that is judged bad gives the traffic back before anything else, and leaves an incident', () => {
    const world = new MemoryTarget(canary, { verdict: false });
    world.request('R-1');
    world.run();
    world.request('R-2');
    world.run();
    assert.deepEqual(world.endings(), ['succeeded', 'rolled-back']);
    const after = world.events.slice(world.events.findIndex(({ type }) => type === 'GoingBackStarted'));
    assert.deepEqual(
      after.slice(0, 4).map(({ type }) => type),
      ['GoingBackStarted', 'RoutesRequested', 'StepStarted', 'RoutesAcknowledged'],
    );
    assert.equal(world.state.incidents.length, 1);
  });

  it('asks stable again after a migration, and takes the migration back when stable does not work any more', () => {
    const world = new MemoryTarget(canary, { broken: 'smoke-stable' });
    world.request('R-1');
    world.run();
    const up = { run: 'up', timeoutMs: 1_000, env: {} };
    world.migrate = { up, down: { ...up, run: 'down' }, compatible: true, lossless: true };
    world.smokeOfStable = up;
    world.commands.length = 0;
    world.request('R-2');
    world.run();
    assert.deepEqual(world.endings(), ['succeeded', 'failed']);
    assert.deepEqual(world.commands, [
      ...['integrity-before', 'migrate-up', 'integrity-after', 'smoke-stable'],
      ...['migrate-down', 'integrity-restored'],
    ]);
  });

  it('does not migrate down what was never migrated up', () => {
    const world = new MemoryTarget(canary, { broken: 'integrity-before' });
    world.request('R-1');
    world.run();
    const up = { run: 'up', timeoutMs: 1_000, env: {} };
    world.migrate = { up, down: { ...up, run: 'down' }, compatible: true, lossless: true };
    world.commands.length = 0;
    world.request('R-2');
    world.run();
    assert.deepEqual(world.commands, ['integrity-before']);
    assert.deepEqual(world.endings(), ['succeeded', 'failed']);
  });

  it('soaks as long as planned though the clock is set forward, which is recorded', () => {
    const world = new MemoryTarget();
    world.request('R-1');
    world.until((state) => currentStep(state.rollout)?.type === 'soak' && state.rollout?.phase === 'forward');
    world.now += 60_100;
    world.tell({ type: 'RecordClockJump', byMs: 60_000 });
    world.tell({ type: 'Tick' });
    assert.equal(currentStep(world.state.rollout)?.type, 'soak');
    world.now += 900;
    world.tell({ type: 'Tick' });
    assert.notEqual(currentStep(world.state.rollout)?.type, 'soak');
  });

  it('does not hold an answer for a table in force that was sent before the router lost it', () => {
    const world = new MemoryTarget();
    world.request('R-1');
    world.run();
    const { version } = world.state.routes.requested ?? { version: 0 };
    const { losses } = world.state.routes;
    world.tell({ type: 'RecordLostRoutes', version: 0 });
    const [again] = pendingActions(world.state);
    assert.equal(again?.id, `routes-${version}-again-1`, 'another action than the one under way');
    world.tell({ type: 'RecordRoutes', version, losses });
    assert.deepEqual(pendingActions(world.state)[0], again);
    world.tell({ type: 'RecordRoutes', version, losses: losses + 1 });
    assert.equal(world.state.routes.acknowledged, version);
  });

  it('asks for what the journal wants above a table that it does not know, as after a restored backup', () => {
    const world = new MemoryTarget();
    world.request('R-1');
    world.run();
    const { requested } = world.state.routes;
    assert.ok(requested !== null);
    world.tell({ type: 'RecordUnknownRoutes', version: requested.version });
    assert.deepEqual(pendingActions(world.state), [], 'that one is known');
    world.tell({ type: 'RecordUnknownRoutes', version: 40 });
    const routes = { ...requested, version: 41 };
    assert.deepEqual(pendingActions(world.state), [{ id: 'routes-41', type: 'apply-routes', routes }]);
    world.run();
    assert.equal(world.state.routes.acknowledged, 41);
  });

  it('back to what is still warm takes its instances, and gives them back when it is given up', () => {
    const world = new MemoryTarget();
    for (const rollout of ['R-1', 'R-2']) {
      world.request(rollout);
      world.until((state) => state.rollout === null);
    }
    const asked = { type: 'RequestRollout', unit: null, onConflict: 'refuse', blockedBy: [] } as const;
    world.strategy = { kind: 'blue-green', steps: [{ type: 'pause', durationMs: null }] };
    world.tell({ ...asked, rollout: 'R-3' as RolloutId, backTo: 'R-1' as RolloutId });
    world.until((state) => currentStep(state.rollout)?.type === 'pause');
    assert.equal(world.state.instances['R-1-1' as never]?.rollout, 'R-3');
    assert.deepEqual(world.state.standby, []);
    world.tell({ type: 'Abort', reason: 'no' });
    world.until((state) => state.rollout === null);
    assert.deepEqual(
      world.state.standby.map(({ rollout }) => rollout),
      ['R-1'],
    );
    assert.equal(world.state.instances['R-1-1' as never]?.rollout, 'R-1');
    world.strategy = { kind: 'blue-green', steps: [] };
    world.tell({ ...asked, rollout: 'R-4' as RolloutId, backTo: 'R-1' as RolloutId });
    world.until((state) => state.rollout === null);
    assert.deepEqual(world.endings(), ['succeeded', 'succeeded', 'aborted', 'succeeded']);
    assert.deepEqual(Object.keys(world.state.instances).sort(), ['R-1-1', 'R-1-2', 'R-2-1', 'R-2-2']);
    world.run();
    assert.deepEqual(Object.keys(world.state.instances).sort(), ['R-1-1', 'R-1-2']);
  });

  it('is refused while another runs, unless the environment queues or supersedes', () => {
    const world = new MemoryTarget();
    world.request('R-1');
    world.request('R-2');
    assert.equal(world.state.rollout?.rollout, 'R-1');
    world.request('R-3', 'queue');
    world.request('R-4', 'supersede');
    world.run();
    assert.deepEqual(world.endings(), ['aborted', 'succeeded', 'succeeded']);
    assert.equal(world.state.stable?.rollout, 'R-4');
  });

  it('keeps every instance while no router acknowledges an abort', () => {
    const world = halfWay();
    world.tell({ type: 'Abort', reason: 'second thoughts' });
    const actions = pendingActions(world.state).map(({ type }) => type);
    assert.deepEqual(actions, ['apply-routes', 'tick']);
    assert.equal(Object.keys(world.state.instances).length, 3);
    world.run();
    assert.deepEqual(world.endings(), ['succeeded', 'aborted']);
  });

  it('asks a role anew at each step that it must approve', () => {
    const approve = { type: 'approve', roles: ['release-manager'] } as const;
    const half = { type: 'setWeight', weightPercent: 50 } as const;
    const world = new MemoryTarget({ kind: 'canary', holdbackPercent: 5, steps: [approve, half, approve] });
    world.request('R-1');
    world.run();
    assert.equal(world.state.rollout, null, 'a first release has no steps of a canary');
    world.request('R-2');
    world.run();
    assert.equal(currentStep(world.state.rollout)?.type, 'approve');
    world.tell({ type: 'Approve', role: 'release-manager', comment: 'go' });
    world.run();
    assert.equal(world.state.routes.requested?.candidateWeight, 5_000);
    assert.equal(currentStep(world.state.rollout)?.type, 'approve');
    world.tell({ type: 'Approve', role: 'release-manager', comment: 'go on' });
    world.run();
    assert.deepEqual(world.endings(), ['succeeded', 'succeeded']);
  });

  it('calls a person once when the service is not restored in time', () => {
    const world = halfWay();
    world.tell({ type: 'Abort', reason: 'second thoughts' });
    world.now += 60_000;
    world.tell({ type: 'Tick' });
    world.tell({ type: 'Tick' });
    assert.deepEqual(world.occasions(), ['not-restored']);
  });

  it('calls a person for a vulnerability and for data in doubt, and takes the candidate back', () => {
    for (const [code, occasion] of [
      ['signal-security', 'vulnerability'],
      ['signal-integrity', 'data-integrity'],
    ] as const) {
      const world = halfWay();
      world.tell({ type: 'TakeBack', code, message: 'seen outside' });
      world.run();
      assert.deepEqual(world.endings(), ['succeeded', 'rolled-back']);
      assert.deepEqual(world.occasions(), [occasion]);
    }
  });

  it('opens an incident for what is found after a success', () => {
    const world = new MemoryTarget();
    world.request('R-1');
    world.run();
    world.tell({ type: 'OpenIncident', signal: 'security', title: 'a token leaks' });
    assert.equal(world.state.incidents[0]?.severity, 'critical');
    assert.deepEqual(world.occasions(), ['vulnerability']);
  });
});

describe('what the simulator found', () => {
  it('a queued rollout waits until the incident that was opened meanwhile is resolved', () => {
    const world = new MemoryTarget(canary, { verdict: false });
    world.request('R-1');
    world.run();
    world.request('R-2');
    world.request('R-3', 'queue');
    world.run();
    assert.deepEqual(world.endings(), ['succeeded', 'rolled-back']);
    assert.deepEqual(
      world.state.queue.map(({ rollout }) => rollout),
      ['R-3'],
    );
    const [open] = world.state.incidents;
    assert.ok(open !== undefined);
    world.tell({ type: 'ResolveIncident', incident: open.id, reason: 'found' });
    assert.equal(world.state.rollout?.rollout, 'R-3');
  });

  it('a candidate that does not serve at the end of the soak is promoted when it does', () => {
    const { world, die } = soaking();
    die('ready');
    world.run();
    assert.deepEqual(world.endings(), ['succeeded', 'succeeded']);
  });

  it('or is taken back when it stays away for as long as a start may take', () => {
    const { world, die } = soaking();
    die('unready');
    world.run();
    assert.deepEqual(world.endings(), ['succeeded', 'rolled-back']);
    assert.equal(world.state.stable?.rollout, 'R-1');
  });

  it('a stable release that cannot be started again does not hold up going back, and a person is called', () => {
    const world = new MemoryTarget({ kind: 'recreate' });
    world.request('R-1');
    world.run();
    world.request('R-2');
    while (currentStep(world.state.rollout)?.type !== 'soak') world.step();
    world.tell({ type: 'Abort', reason: 'second thoughts' });
    while (currentStep(world.state.rollout)?.type !== 'restart-stable') world.step();
    world.see('R-1-1', 'failed', 'its bytes were changed');
    world.run();
    assert.deepEqual(world.endings(), ['succeeded', 'aborted']);
    assert.deepEqual(world.occasions(), ['rollback-failed']);
  });

  /** A second rollout whose only instances are gone when its soak is over. */
  function soaking(): { world: MemoryTarget; die: (then: InstanceStatus) => void } {
    const world = new MemoryTarget({ kind: 'blue-green', steps: [] });
    world.request('R-1');
    world.run();
    world.request('R-2');
    while (currentStep(world.state.rollout)?.type !== 'soak' || !world.state.rollout) world.step();
    const tell = (status: InstanceStatus) => {
      for (const instance of ['R-2-1', 'R-2-2']) world.see(instance, status);
    };
    const die = (then: InstanceStatus) => {
      tell('restarting');
      world.now += 5_000;
      world.tell({ type: 'Tick' });
      assert.equal(world.state.stable?.rollout, 'R-1');
      tell(then);
    };
    return { world, die };
  }
});

describe('whatever is asked in whatever order', () => {
  const strategies: Strategy[] = [
    canary,
    { kind: 'blue-green', steps: [{ type: 'mirror', sharePercent: 50, bakeMs: 5_000, deadlineMs: 20_000 }] },
    { kind: 'rolling', batch: 1, bakeMs: 100 },
    { kind: 'recreate' },
  ];
  const move = fc.oneof(
    { weight: 6, arbitrary: fc.constant('step') },
    fc.constantFrom(
      'request',
      'queue',
      'supersede',
      'Pause',
      'Resume',
      'Promote',
      'Abort',
      'die',
      'lose-routes',
      'find-routes',
      'Tick',
    ),
  );

  function play(world: MemoryTarget, moves: readonly string[]): void {
    let number = 0;
    for (const one of moves) {
      if (one === 'step') world.step();
      else if (one === 'request') world.request(`R-${++number}`);
      else if (one === 'queue' || one === 'supersede') world.request(`R-${++number}`, one);
      else if (one === 'lose-routes') world.tell({ type: 'RecordLostRoutes', version: 0 });
      else if (one === 'find-routes') {
        const version = (world.state.routes.requested?.version ?? 0) + 3;
        world.tell({ type: 'RecordUnknownRoutes', version });
      } else if (one === 'die') {
        const [instance] = Object.keys(world.state.instances);
        if (instance !== undefined) world.see(instance, 'restarting', 'killed');
      } else world.tell({ type: one, reason: 'because' } as Said);
    }
  }

  it('nothing throws, a replay gives the live state, and the laws of routes and instances hold', () => {
    fc.assert(
      fc.property(fc.constantFrom(...strategies), fc.array(move, { maxLength: 120 }), (strategy, moves) => {
        const world = new MemoryTarget(strategy);
        play(world, moves);
        assert.deepEqual(world.events.reduce(evolve, emptyTarget(memoryTarget)), world.state);
        checkLaws(world.events);
      }),
      { numRuns: 400 },
    );
  });

  it('everything ends once people stop asking', () => {
    fc.assert(
      fc.property(fc.constantFrom(...strategies), fc.array(move, { maxLength: 60 }), (strategy, moves) => {
        const world = new MemoryTarget(strategy);
        play(world, moves);
        for (const instance of Object.keys(world.state.instances)) world.see(instance, 'ready');
        world.tell({ type: 'Resume' });
        world.run(2_000);
        assert.equal(world.state.rollout, null);
        assert.deepEqual(world.state.queue, []);
      }),
      { numRuns: 300 },
    );
  });

  /** Law 4 and 5 on the events alone: tables name ready instances, and stopping follows acknowledging and draining. */
  function checkLaws(events: readonly RolloutEvent[]): void {
    let state = emptyTarget(memoryTarget);
    for (const event of events) {
      if (event.type === 'RoutesRequested') {
        const { stable, candidate, mirror } = event.routes;
        for (const { instance } of [...stable, ...candidate, ...(mirror?.backends ?? [])]) {
          assert.equal(state.instances[instance]?.status, 'ready', `${instance} is named and not ready`);
        }
        assert.ok(event.routes.candidateWeight >= 0 && event.routes.candidateWeight <= 10_000);
      }
      if (event.type === 'InstanceStopped') {
        const instance = state.instances[event.instance];
        assert.ok(instance?.drained && instance.retiredAt !== null, 'stopped without having been drained');
      }
      state = evolve(state, event);
    }
  }
});
