import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RolloutId } from '../base/ids.ts';
import { MemoryTarget } from './memory-rollouts.ts';
import type { Strategy, StrategyStep } from './strategy.ts';

const mirror: StrategyStep = { type: 'mirror', sharePercent: 20, bakeMs: 60_000, deadlineMs: 300_000 };
const strategy: Strategy = {
  kind: 'canary',
  holdbackPercent: 5,
  steps: [
    mirror,
    { type: 'setWeight', weightPercent: 5 },
    { type: 'analyze', bakeMs: 1_000, deadlineMs: 60_000 },
  ],
};

/** A second release that gets copies of requests just now. */
function mirroring(badCopies = 0): MemoryTarget {
  const target = new MemoryTarget(strategy, { badCopies });
  target.request('R-1');
  target.run();
  assert.deepEqual(target.endings(), ['succeeded'], 'a first release has nobody to copy');
  target.request('R-2');
  target.until(({ routes }) => routes.requested?.mirror !== undefined);
  return target;
}

describe('a step that mirrors', () => {
  it('gives copies to ready candidates that no list of users names, and ends before the first weight', () => {
    const target = mirroring();
    const { requested } = target.state.routes;
    assert.equal(requested?.mirror?.share, 2_000);
    assert.deepEqual(
      requested.mirror.backends.map(({ instance }) => instance),
      ['R-2-1'],
    );
    assert.deepEqual(requested.candidate, []);
    assert.equal(requested.candidateWeight, 0);
    target.until(({ rollout }) => rollout?.phase === 'forward' && rollout.hadTraffic);
    assert.equal(target.state.routes.requested?.mirror, undefined);
    target.run();
    assert.deepEqual(target.endings(), ['succeeded', 'succeeded']);
  });

  it('fails a candidate whose copies fail, and no user has met it', () => {
    const target = mirroring(50);
    target.run();
    assert.deepEqual(target.endings(), ['succeeded', 'failed']);
    const weights = target.events.flatMap((event) =>
      event.type === 'RoutesRequested' && event.routes.stable[0]?.generation === 'R-1'
        ? [event.routes.candidateWeight, event.routes.candidate.length]
        : [],
    );
    assert.deepEqual(new Set(weights), new Set([0]));
    const ended = target.events.findLast((event) => event.type === 'RolloutEnded');
    assert.equal(ended?.reason?.code, 'mirror-failed');
    assert.match(ended.reason.message, /50 of 500 bad.*at most 1 of 200 rollouts/s);
    assert.deepEqual(target.state.incidents, [], 'nobody was harmed');
  });

  it('judges copies apart: they are no evidence of the live comparison', () => {
    const target = mirroring();
    target.until(({ rollout }) => rollout?.phase === 'forward' && rollout.hadTraffic);
    const { rollout } = target.state;
    assert.ok(rollout?.phase === 'forward');
    assert.equal(rollout.evidence.candidate.requests, 0);
    assert.equal(rollout.evidence.analysis.totals.n, 0);
    assert.equal(rollout.plan.analysis.alpha, 0.005, 'each of the two tests has half');
    assert.ok((rollout.evidence.mirror?.analysis.candidate.requests ?? 0) >= 500);
  });

  it('goes on when it is over and nothing was copied, and says so', () => {
    const target = mirroring();
    const quiet = () => {
      target.now += 5_000;
      target.tell({ type: 'RecordBatch', rollout: 'R-2' as RolloutId, batch: null });
    };
    for (let i = 0; i < 11; i += 1) quiet();
    assert.notEqual(target.state.routes.requested?.mirror, undefined, 'before the bake time is over');
    quiet();
    assert.equal(target.state.routes.requested?.mirror, undefined);
    const verdict = target.events.findLast((event) => event.type === 'VerdictReached');
    assert.match(verdict?.observed ?? '', /No copy was answered/);
  });

  it('stops copying the moment it goes back, and when somebody promotes past it', () => {
    const aborted = mirroring();
    aborted.tell({ type: 'Abort', reason: 'not today' });
    assert.equal(aborted.state.routes.requested?.mirror, undefined);
    aborted.run();
    assert.deepEqual(aborted.endings(), ['succeeded', 'aborted']);
    const promoted = mirroring();
    promoted.tell({ type: 'Promote', reason: 'seen enough' });
    assert.equal(promoted.state.routes.requested?.mirror, undefined);
    promoted.run();
    assert.deepEqual(promoted.endings(), ['succeeded', 'succeeded']);
  });

  it('waits in doubt until the deadline, and then the low-traffic policy decides', () => {
    const target = mirroring(4);
    target.until(
      ({ rollout }) => rollout?.phase === 'forward' && rollout.evidence.mirror?.analysis.startedAt != null,
    );
    const quietUntil = (at: number) => {
      for (; target.now < at; target.now += 5_000)
        target.tell({ type: 'RecordBatch', rollout: 'R-2' as RolloutId, batch: null });
    };
    quietUntil(295_000);
    const asked = () => target.events.findLast((event) => event.type === 'PersonAsked');
    assert.equal(asked(), undefined);
    assert.notEqual(target.state.routes.requested?.mirror, undefined);
    quietUntil(310_000);
    assert.match(asked()?.observed ?? '', /Inconclusive after 30\d s\. More of the copies fail/);
    target.tell({ type: 'Promote', reason: 'a known flake' });
    assert.equal(target.state.routes.requested?.mirror, undefined);
  });

  it('is made of as many instances as its share of the traffic needs', () => {
    const target = mirroring();
    const [started] = target.events.filter(
      (event) => event.type === 'InstancesRequested' && event.rollout === 'R-2',
    );
    assert.equal(started?.type === 'InstancesRequested' && started.instances.length, 1);
    const all = new MemoryTarget({ ...strategy, steps: [{ ...mirror, sharePercent: 100 }] });
    for (const rollout of ['R-1', 'R-2']) {
      all.request(rollout);
      all.run();
    }
    assert.deepEqual(all.endings(), ['succeeded', 'succeeded']);
    const routes = all.events.flatMap((event) => (event.type === 'RoutesRequested' ? [event.routes] : []));
    assert.equal(routes.find((one) => one.mirror !== undefined)?.mirror?.backends.length, 2);
  });
});
