import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { InstanceId } from '../../src/base/ids.ts';
import { allLaws } from './all-laws.ts';
import { copiesAreJudged } from './copies-are-judged.ts';
import { copiesAreNoUsers } from './copies-are-no-users.ts';
import { fencedController } from './fenced-controller.ts';
import { freshMeasurements } from './fresh-measurements.ts';
import { incidentsBlock } from './incidents-block.ts';
import { onlyApproved } from './only-approved.ts';
import { promotionRelabels } from './promotion-relabels.ts';
import { readyAndDrained } from './ready-and-drained.ts';
import { rolloutsEnd } from './rollouts-end.ts';
import { stableIsKept } from './stable-is-kept.ts';
import { Stage } from './stage.ts';
import { stepsTakeTheirTime } from './steps-take-their-time.ts';
import { trueTables } from './true-tables.ts';
import { usersFirst } from './users-first.ts';

const stop = (instance: string) =>
  ({ kind: 'stop', instance: instance as InstanceId, generation: instance.slice(0, -2) }) as const;
const ensure = (instance: string) => ({ ...stop(instance), kind: 'ensure' }) as const;
const request = (instance: string) => ({ ...stop(instance), kind: 'request' }) as const;

describe('the laws', () => {
  it('are ten, in the order of the architecture', () => {
    assert.deepEqual(
      [...new Set(allLaws().map(({ name }) => Number.parseInt(name, 10)))],
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    );
  });
});

describe('law 1', () => {
  function goingBack(): Stage {
    const stage = new Stage(usersFirst());
    stage.stable('R-1');
    stage.planned('R-2');
    stage.ready('R-2-1');
    stage.event('StepStarted', { index: 1 });
    stage.routes(3, ['R-1-1'], ['R-2-1'], { candidateWeight: 1_000 });
    assert.equal(stage.event('GoingBackStarted', { reason: {}, hadTraffic: true }), null);
    return stage;
  }

  it('notices other work before the traffic is back', () => {
    const run = { id: 'command-R-2-back-3', spec: { run: 'down' } } as never;
    assert.match(goingBack().tell({ kind: 'command', run }) ?? '', /down was run/);
    assert.match(goingBack().event('EvidencePreserved', { location: 'x' }) ?? '', /EvidencePreserved/);
    assert.match(goingBack().tell(stop('R-2-1')) ?? '', /was stopped/);
  });

  it('notices that the traffic is late, and not while something is disturbed', () => {
    const stage = goingBack();
    stage.calmSinceMs = Number.POSITIVE_INFINITY;
    assert.equal(stage.moment(5_000), null);
    stage.calmSinceMs = 0;
    assert.match(stage.moment(100) ?? '', /10 % of the requests/);
  });

  it('holds where the traffic comes first', () => {
    const stage = goingBack();
    stage.routes(4, ['R-1-1']);
    assert.equal(stage.event('EvidencePreserved', { location: 'x' }), null);
    assert.equal(stage.tell(stop('R-2-1')), null);
    assert.equal(stage.moment(5_000), null);
  });

  it('notices users who are turned away although stable is ready', () => {
    const stage = new Stage(usersFirst());
    stage.stable('R-1');
    assert.equal(stage.moment(9_000), null);
    stage.table = null;
    assert.match(stage.moment(100) ?? '', /turned away/);
  });
});

describe('law 2', () => {
  it('notices a stop of what is stable, but not under recreate', () => {
    const stage = new Stage(stableIsKept());
    stage.stable('R-1');
    assert.match(stage.tell(stop('R-1-1')) ?? '', /although its release is stable/);
    stage.planned('R-2', { strategy: { kind: 'recreate' } });
    stage.event('InstanceRetired', { instance: 'R-1-1', afterVersion: 3 });
    assert.equal(stage.tell(stop('R-1-1')), null);
  });

  it('notices an earlier release that is not kept warm', () => {
    const stage = new Stage(stableIsKept());
    stage.stable('R-1');
    stage.stable('R-2');
    assert.match(stage.tell(stop('R-1-1')) ?? '', /before its rollback window ended/);
    assert.match(stage.event('StandbyExpired', { rollout: 'R-1' }) ?? '', /given up 10000 ms before/);
    stage.moment(10_000);
    assert.equal(stage.event('StandbyExpired', { rollout: 'R-1' }), null);
    assert.equal(stage.tell(stop('R-1-1')), null);
  });

  it('notices a promotion that promises too short a window', () => {
    const stage = new Stage(stableIsKept());
    stage.planned('R-1');
    const said = stage.event('ReleasePromoted', { rollout: 'R-1', warmUntil: stage.now + 9_000 });
    assert.match(said ?? '', /9000 of 10000 ms/);
  });
});

describe('law 2, of steps', () => {
  function soaking(): Stage {
    const stage = new Stage(stepsTakeTheirTime());
    stage.tell({ kind: 'lease', fence: 1 });
    stage.moment(100);
    stage.planned('R-1', { steps: [{ type: 'soak', durationMs: 5_000 }] });
    stage.event('StepStarted', { index: 0, at: stage.now });
    return stage;
  }
  const over = { index: 0, how: 'the time is over' };

  it('notices a soak that is cut short', () => {
    const stage = soaking();
    stage.moment(3_000);
    assert.match(stage.event('StepCompleted', over) ?? '', /step 0 lasted 3000 of 5000 ms/);
    stage.moment(2_000);
    assert.equal(stage.event('StepCompleted', over), null);
  });

  it('counts from the decision where the disk held its record up', () => {
    const stage = soaking();
    stage.diskHurt = true;
    stage.event('StepStarted', { index: 0, at: stage.now - 2_500 });
    stage.moment(3_000);
    assert.equal(stage.event('StepCompleted', over), null);
  });
});

describe('law 3', () => {
  it('notices a promotion of what does not serve', () => {
    const stage = new Stage(promotionRelabels());
    stage.stable('R-1');
    stage.planned('R-2');
    const said = stage.event('ReleasePromoted', { rollout: 'R-2', warmUntil: 0 });
    assert.match(said ?? '', /R-2 was promoted while it had 0 %/);
  });

  it('notices a copy that is started after the promotion', () => {
    const stage = new Stage(promotionRelabels());
    stage.stable('R-1');
    assert.equal(stage.tell(ensure('R-1-1')), null);
    assert.match(stage.tell(ensure('R-1-2')) ?? '', /started anew/);
  });
});

describe('law 4', () => {
  function retired(): Stage {
    const stage = new Stage(readyAndDrained());
    stage.stable('R-1');
    stage.event('InstanceRetired', { instance: 'R-1-1', afterVersion: 3 });
    return stage;
  }

  it('notices a table with an instance that was never ready', () => {
    const stage = new Stage(readyAndDrained());
    stage.observed('R-1-1', 'starting');
    assert.match(stage.routes(1, ['R-1-1']) ?? '', /never ready/);
  });

  it('notices a stop of what the table still names', () => {
    assert.match(retired().tell(stop('R-1-1')) ?? '', /the table in force names it/);
  });

  it('notices a stop that no acknowledgement came before', () => {
    const stage = retired();
    stage.routes(3, []);
    assert.match(stage.tell(stop('R-1-1')) ?? '', /before table 3 was acknowledged/);
    stage.event('RoutesAcknowledged', { version: 3 });
    assert.equal(stage.tell(stop('R-1-1')), null);
    assert.match(stage.tell(stop('R-1-2')) ?? '', /nobody retired it/);
  });

  it('notices requests that are cut off before the drain deadline', () => {
    const stage = retired();
    stage.routes(3, []);
    stage.event('RoutesAcknowledged', { version: 3 });
    stage.requestsInFlight = 1;
    stage.moment(1_900);
    assert.match(stage.tell(stop('R-1-1')) ?? '', /1 requests in flight/);
    stage.moment(100);
    assert.equal(stage.tell(stop('R-1-1')), null);
  });
});

describe('law 5', () => {
  it('notices weights that do not add up', () => {
    const stage = new Stage(trueTables());
    stage.ready('R-1-1', 'R-2-1');
    assert.match(stage.routes(1, ['R-1-1'], ['R-2-1'], { candidateWeight: 10_001 }) ?? '', /10001 of 10000/);
    assert.match(
      stage.routes(2, ['R-1-1'], [], { candidateWeight: 500 }) ?? '',
      /candidate without instances/,
    );
    assert.match(stage.routes(3, [], ['R-2-1'], { candidateWeight: 500 }) ?? '', /stable side without/);
    assert.equal(stage.routes(4, ['R-1-1'], ['R-2-1'], { candidateWeight: 500 }), null);
  });

  it('notices a table that is asked for with an instance that is not ready', () => {
    const stage = new Stage(trueTables());
    const routes = { version: 1, stable: [{ instance: 'R-1-1' }], candidate: [] };
    assert.match(stage.event('RoutesRequested', { routes }) ?? '', /not ready/);
    stage.ready('R-1-1');
    assert.equal(stage.event('RoutesRequested', { routes }), null);
  });

  it('notices a dead instance that stays in the table', () => {
    const stage = new Stage(trueTables());
    stage.stable('R-1');
    stage.moment(10_000);
    stage.observed('R-1-1', 'restarting');
    assert.equal(stage.moment(1_000), null);
    assert.match(stage.moment(100) ?? '', /dead since 1100 ms/);
  });
});

describe('law 6', () => {
  function serving(change: object = {}): Stage {
    const stage = new Stage(onlyApproved());
    stage.planned('R-1', change);
    stage.runs.set('R-1-1', { digest: 'sha256:1', unit: 'U-1' });
    stage.approved.set('U-1', 'sha256:1');
    return stage;
  }

  it('notices a request to what QA did not approve', () => {
    assert.equal(serving().tell(request('R-1-1')), null);
    const stage = serving();
    stage.approved.clear();
    assert.match(stage.tell(request('R-1-1')) ?? '', /did not approve/);
  });

  it('notices other bytes than the approved ones', () => {
    const stage = serving();
    stage.runs.set('R-1-1', { digest: 'changed', unit: 'U-1' });
    assert.match(stage.tell(request('R-1-1')) ?? '', /instead of sha256:1/);
    assert.match(stage.tell(request('R-1-2')) ?? '', /nothing is known/);
  });

  it('notices traffic before somebody approved the rollout', () => {
    const steps = [{ type: 'approve', roles: ['release-manager'] }, { type: 'setWeight' }];
    assert.match(serving({ steps }).tell(request('R-1-1')) ?? '', /before release-manager approved/);
    const stage = serving({ steps });
    stage.event('ApprovalGiven', { role: 'release-manager', by: 'ada' });
    assert.equal(stage.tell(request('R-1-1')), null);
  });
});

describe('law 6, of copies', () => {
  const copy = (instance: string) => ({ ...request(instance), kind: 'copy' }) as const;
  const steps = [{ type: 'start' }, { type: 'mirror' }, { type: 'setWeight', weightPercent: 10 }];

  function copying(): Stage {
    const stage = new Stage(copiesAreNoUsers());
    stage.stable('R-1');
    stage.planned('R-2', { steps });
    stage.event('StepStarted', { index: 1 });
    return stage;
  }

  it('notices users who meet what is only copied to', () => {
    const stage = copying();
    assert.equal(stage.tell(request('R-1-1')), null);
    assert.match(stage.tell(request('R-2-1')) ?? '', /users have no share of R-2 yet/);
    stage.event('StepStarted', { index: 2 });
    assert.equal(stage.tell(request('R-2-1')), null);
  });

  it('notices copies that no step asks for, and that outlast theirs', () => {
    const stage = copying();
    assert.match(stage.tell(copy('R-1-1')) ?? '', /no step of R-1 asked for one/);
    assert.equal(stage.tell(copy('R-2-1')), null);
    stage.event('StepStarted', { index: 2 });
    assert.equal(stage.moment(1_000), null);
    assert.equal(stage.tell(copy('R-2-1')), null);
    stage.moment(100);
    assert.match(stage.tell(copy('R-2-1')) ?? '', /1100 ms after the step/);
    stage.calmSinceMs = Number.POSITIVE_INFINITY;
    assert.equal(stage.tell(copy('R-2-1')), null);
  });

  it('notices a release that its copies failed and that ends as if users had met it', () => {
    const reason = { code: 'mirror-failed' };
    const stage = copying();
    assert.equal(stage.event('GoingBackStarted', { reason }), null);
    const own = { rollout: 'R-2', severity: 'high' };
    assert.match(stage.event('IncidentOpened', own) ?? '', /no user had met it/);
    assert.equal(stage.event('IncidentOpened', { ...own, signal: 'outage' }), null);
    assert.equal(stage.event('IncidentOpened', { ...own, severity: 'critical' }), null);
    assert.match(stage.event('RolloutEnded', { ending: 'rolled-back' }) ?? '', /ended rolled-back/);
    assert.equal(stage.event('RolloutEnded', { ending: 'failed' }), null);
    const late = copying();
    late.event('StepStarted', { index: 2 });
    assert.match(late.event('GoingBackStarted', { reason }) ?? '', /although users had met it/);
  });
});

describe('law 7', () => {
  it('notices a rollout that stands still, unless it waits for a person', () => {
    const stage = new Stage(rolloutsEnd());
    stage.planned('R-1');
    stage.event('StepStarted', { index: 2 });
    assert.equal(stage.moment(60_000), null);
    stage.event('StepStarted', { index: 0 });
    assert.match(stage.moment(60_000) ?? '', /stands still in forward 0 \(start\)/);
    stage.event('RolloutPaused', { by: 'ada' });
    assert.equal(stage.moment(60_000), null);
  });

  it('notices an abort that is not recorded at once', () => {
    const stage = new Stage(rolloutsEnd());
    assert.match(stage.tell({ kind: 'asked', method: 'abort', tookMs: 1_001 }) ?? '', /only 1001 ms after/);
    assert.equal(stage.tell({ kind: 'asked', method: 'abort', tookMs: 10 }), null);
    stage.diskHurt = true;
    assert.equal(stage.tell({ kind: 'asked', method: 'abort', tookMs: 1_001 }), null);
  });

  it('notices at the end what did not end, does not serve, or is left over', () => {
    const end = { kind: 'end' } as const;
    const stage = new Stage(rolloutsEnd());
    stage.stable('R-1');
    assert.equal(stage.tell(end), null);
    stage.observed('R-0-1', 'ready');
    assert.match(stage.tell(end) ?? '', /R-0-1 still runs/);
    stage.instances.delete('R-0-1' as InstanceId);
    stage.observed('R-1-1', 'failed');
    assert.match(stage.tell(end) ?? '', /0 of 1 instances of R-1 serve/);
    stage.table = null;
    assert.match(stage.tell(end) ?? '', /has 0 % of the requests/);
    stage.event('RolloutQueued', { rollout: 'R-3' });
    assert.match(stage.tell(end) ?? '', /R-3 waits in the queue/);
    stage.planned('R-2');
    assert.match(stage.tell(end) ?? '', /R-2 did not end/);
  });
});

describe('law 8', () => {
  it('notices a rollout that begins while an incident is open', () => {
    const stage = new Stage(incidentsBlock());
    const asked = { unit: 'U-1', by: 'ada' };
    stage.event('IncidentOpened', { incident: 'INC-1' });
    assert.match(stage.event('RolloutRequested', { rollout: 'R-1', ...asked }) ?? '', /while INC-1 is open/);
    stage.overridden.add('R-2');
    assert.equal(stage.event('RolloutRequested', { rollout: 'R-2', ...asked }), null);
    assert.equal(stage.event('RolloutRequested', { rollout: 'R-3', backTo: 'R-0', ...asked }), null);
    stage.event('IncidentResolved', { incident: 'INC-1' });
    assert.equal(stage.event('RolloutRequested', { rollout: 'R-4', ...asked }), null);
  });

  it('notices a rollback that leaves no incident', () => {
    const stage = new Stage(incidentsBlock());
    stage.planned('R-1');
    assert.match(stage.event('RolloutEnded', { ending: 'rolled-back' }) ?? '', /no incident is open/);
  });
});

describe('law 9', () => {
  const batch = (requests: number) => ({
    batch: { baseline: false, instances: [{ arm: 'candidate', requests, bad: 0 }] },
  });

  function judging(change: object = {}): Stage {
    const stage = new Stage(freshMeasurements());
    stage.planned('R-1', change);
    stage.event('StepStarted', { index: 2 });
    stage.moment(500);
    return stage;
  }

  it('notices a verdict without a measurement, or with an old one', () => {
    assert.match(judging().event('VerdictReached', { ok: true }) ?? '', /nothing was measured/);
    const stage = judging();
    stage.tell(request('R-1-1'));
    stage.tell({ kind: 'counts' });
    assert.equal(stage.event('BatchRecorded', batch(1)), null);
    assert.equal(stage.event('VerdictReached', { ok: true }), null);
    stage.moment(1_100);
    assert.match(stage.event('VerdictReached', { ok: true }) ?? '', /a measurement of 1100 ms ago/);
  });

  it('notices a verdict on no request at all, unless health and smoke may stand for it', () => {
    const stage = judging();
    stage.tell({ kind: 'counts' });
    assert.match(stage.event('VerdictReached', { ok: true }) ?? '', /no request of it was ever counted/);
    const healthy = judging({ lowTraffic: 'promote-on-health' });
    healthy.tell({ kind: 'counts' });
    assert.equal(healthy.event('VerdictReached', { ok: true }), null);
  });

  it('notices a verdict without the metric that the plan requires', () => {
    const stage = judging({ analysis: { metrics: [{ name: 'orders', required: true }] } });
    stage.tell(request('R-1-1'));
    stage.tell({ kind: 'counts' });
    assert.equal(stage.event('BatchRecorded', batch(1)), null);
    stage.tell({ kind: 'measured', arm: 'stable' });
    assert.match(stage.event('VerdictReached', { ok: true }) ?? '', /orders, which it requires, was never/);
    stage.tell({ kind: 'measured', arm: 'candidate' });
    assert.equal(stage.event('VerdictReached', { ok: true }), null);
    stage.moment(2_600);
    stage.tell({ kind: 'counts' });
    assert.match(stage.event('VerdictReached', { ok: true }) ?? '', /orders, .* measured 2600 ms ago/);
  });

  it('notices requests that are shielded and never failed', () => {
    const stage = judging();
    stage.tell(request('R-1-1'));
    const one = { arm: 'candidate', requests: 1, bad: 0, shielded: 1 };
    const said = stage.event('BatchRecorded', { batch: { baseline: false, instances: [one] } });
    assert.match(said ?? '', /1 more requests of R-1 count as shielded than failed/);
  });

  it('notices requests that are counted and never were', () => {
    const stage = judging();
    stage.tell(request('R-1-1'));
    assert.match(
      stage.event('BatchRecorded', batch(2)) ?? '',
      /2 requests of R-1 were counted and 1 were made/,
    );
  });
});

describe('law 9, of copies', () => {
  const verdict = { ok: true };
  const tallies = (bad: number) => ({
    candidate: { requests: 60, bad },
    stable: { requests: 90, bad: 0 },
    skipped: 0,
  });
  const batch = (bad: number) => ({ batch: { baseline: false, instances: [], mirror: tallies(bad) } });

  function copied(bad: number): Stage {
    const stage = new Stage(copiesAreJudged());
    stage.moment(100);
    stage.planned('R-1', { steps: [{ type: 'start' }, { type: 'mirror' }] });
    stage.event('StepStarted', { index: 1 });
    for (let k = 0; k < 60; k += 1)
      stage.tell({ kind: 'copied', generation: 'R-1', bad: k < bad, died: false });
    return stage;
  }

  it('notices copies that are counted and never were', () => {
    const stage = copied(2);
    assert.equal(stage.event('BatchRecorded', batch(2)), null);
    assert.match(stage.event('BatchRecorded', batch(0)) ?? '', /120 copies .* counted and 60 were made/);
    assert.match(copied(2).event('BatchRecorded', batch(3)) ?? '', /3 copies .* as bad and 2 were/);
  });

  it('notices a batch that takes copies back', () => {
    const less = { ...tallies(0), candidate: { requests: -7, bad: 0 } };
    const said = copied(0).event('BatchRecorded', {
      batch: { baseline: false, instances: [], mirror: less },
    });
    assert.match(said ?? '', /a batch of R-1 takes 7 copies back/);
  });

  it('notices a release that clearly failed its copies and goes on to users', () => {
    const bad = copied(15);
    bad.event('BatchRecorded', batch(15));
    assert.match(bad.event('VerdictReached', verdict) ?? '', /15 of 60 copies failed/);
    const good = copied(14);
    good.event('BatchRecorded', batch(14));
    assert.equal(good.event('VerdictReached', verdict), null);
  });

  it('notices it by what the router told, though none of it was recorded, unless something was disturbed', () => {
    const stage = copied(15);
    stage.tell({ kind: 'counts', mirror: [{ generation: 'R-1', routes: [], ...tallies(15) }] });
    assert.match(stage.event('VerdictReached', verdict) ?? '', /15 of 60 copies failed/);
    stage.calmSinceMs = Number.POSITIVE_INFINITY;
    assert.equal(stage.event('VerdictReached', verdict), null);
  });
});

describe('law 10', () => {
  it('notices what is written under a lease that was lost', () => {
    const stage = new Stage(fencedController());
    stage.tell({ kind: 'lease', fence: 1 });
    assert.equal(stage.event('RolloutPaused', { by: 'ada' }, 1), null);
    stage.tell({ kind: 'lease', fence: 2 });
    assert.match(
      stage.event('RolloutPaused', { by: 'ada' }, 1) ?? '',
      /under fence 1, and 2 holds the lease/,
    );
    assert.match(stage.tell({ kind: 'lease', fence: 2 }) ?? '', /given out again/);
  });

  it('notices a table of an earlier controller, and one that nobody asked for', () => {
    const stage = new Stage(fencedController());
    const ask = (version: number) => {
      const sides = { stable: [], candidate: [] };
      stage.event('RoutesRequested', { routes: { version, mode: 'serve', candidateWeight: 0, ...sides } });
    };
    stage.tell({ kind: 'lease', fence: 1 });
    ask(1);
    assert.equal(stage.routes(1, [], [], { fence: 2 }), null);
    assert.match(stage.routes(1, [], [], { fence: 1 }) ?? '', /took the place of fence 2/);
    assert.match(stage.routes(2, [], [], { fence: 2 }) ?? '', /the journal does not say so/);
  });
});
