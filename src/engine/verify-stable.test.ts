import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Clock } from '../base/clock.ts';
import type { InstanceCounts } from '../base/counts.ts';
import type { RolloutId } from '../base/ids.ts';
import { type EvidenceBatch, foldBatch, startEvidence } from '../rollout/evidence.ts';
import { memoryPlan, memoryRelease, memoryTarget } from '../rollout/memory-plan.ts';
import { emptyTarget, type TargetState } from '../rollout/state.ts';
import type { ControllerParts } from './controller-parts.ts';
import { verifyStable } from './verify-stable.ts';

const stable = 'R-1' as RolloutId;
const counted = { clientErrors: 0, latency: [], abandoned: [] };

/** A rollout that goes back to one ready instance, which had two of a thousand requests bad before. */
function goingBack(): TargetState {
  const empty = emptyTarget(memoryTarget);
  const strategy = { kind: 'blue-green', steps: [] } as const;
  const times = { migrate: null, strategy, soakMs: 1_000, rollbackWindowMs: 10_000 };
  const plan = memoryPlan(empty, { ...times, rollout: 'R-2' as RolloutId, release: memoryRelease('2.0.0') });
  const told = { instance: 'R-1-1', arm: 'stable', requests: 1_000, bad: 2, ...counted } as const;
  const batch: EvidenceBatch = { atMs: 1, epoch: 'one', baseline: false, instances: [told] };
  const evidence = foldBatch(startEvidence(plan.analysis), batch, plan.analysis);
  return {
    ...empty,
    stable: { rollout: stable, release: memoryRelease('1.0.0'), plan },
    rollout: { rollout: 'R-2', phase: 'back', plan, evidence },
    instances: { 'R-1-1': { id: 'R-1-1', rollout: stable, status: 'ready' } },
  } as unknown as TargetState;
}

/** What is told of stable when the router answers so at each look, one after the other; the last one for good. */
async function verified(
  answers: readonly { readonly epoch: string; readonly requests: number; readonly bad: number }[],
): Promise<{ readonly holds: boolean; readonly observed: string }> {
  let now = 0;
  const after: Clock['after'] = (delayMs, run) => {
    now += delayMs;
    queueMicrotask(run);
    return () => {};
  };
  const left = [...answers];
  const counts = async () => {
    const { epoch, ...rest } = (left.length > 1 ? left.shift() : left[0]) as (typeof answers)[number];
    const one = { instance: 'R-1-1', generation: stable, ...rest, ...counted } as unknown as InstanceCounts;
    return { at: now, epoch, instances: [one], slots: [] };
  };
  const clock = { now: () => now, monotonicMs: () => now, after };
  const parts = { clock, traffic: { counts } } as unknown as ControllerParts;
  const action = { id: 'v', type: 'verify-stable', rollout: 'R-2' as RolloutId } as const;
  const context = { state: goingBack, signal: new AbortController().signal };
  const told = await verifyStable(parts, [], { ...action, deadlineMs: 5_000, quietMs: 1_000 }, context);
  assert.ok(told.type === 'RecordRestoration');
  return told;
}

describe('whether stable is as it was', () => {
  it('is asked of what it answered since the first look', async () => {
    const good = await verified([
      { epoch: 'one', requests: 1_000, bad: 400 },
      { epoch: 'one', requests: 1_100, bad: 400 },
    ]);
    assert.match(good.observed, /; 0 of 100 requests bad since$/);
    assert.equal(good.holds, true);
  });

  it('is not taken for true where a router that began anew counts from zero and all is bad', async () => {
    const bad = await verified([
      { epoch: 'one', requests: 1_000, bad: 400 },
      { epoch: 'two', requests: 60, bad: 60 },
    ]);
    assert.match(bad.observed, /; 60 of 60 requests bad since, more than before$/);
    assert.equal(bad.holds, false);
  });
});
