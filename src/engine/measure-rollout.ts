import type { SlotBatch } from '../analysis/batch.ts';
import type { MetricReading } from '../analysis/metric-process.ts';
import { sleep } from '../base/clock.ts';
import type { TrafficCounts } from '../base/counts.ts';
import { type InstanceId, type RolloutId, targetId } from '../base/ids.ts';
import { isErrorFacts } from '../base/sluice-error.ts';
import type { EnvironmentConfig } from '../config/config.ts';
import type { RolloutCommand } from '../rollout/command.ts';
import { type Cursor, difference, type EvidenceBatch, nothing } from '../rollout/evidence.ts';
import { isNothing, type MirrorBatch, noCopies, sumMirrors } from '../rollout/mirror-sums.ts';
import { sumSlots } from '../rollout/slot-sums.ts';
import { instancesOf, type TargetState } from '../rollout/state.ts';
import type { Running } from '../rollout/step-progress.ts';
import type { ControllerParts } from './controller-parts.ts';
import { findInstances } from './find-instances.ts';
import { MetricAskers } from './measure-metrics.ts';
import type { MeasuringPace } from './measuring-pace.ts';
import type { configOf } from './verify-rollout.ts';

/** A change of weight is watched closely at first. */
const closeTickMs = 100;
const wideTickMs = 500;
const closeMs = 60_000;

/**
 * Measures a candidate for as long as the action is pending: asks the router on a fixed tick and tells what was counted
 * since the last batch of the journal, so that nothing is counted twice or missed when the controller restarts.
 */
export async function measureRollout(
  parts: ControllerParts,
  { environment, service: { metrics } }: ReturnType<typeof configOf>,
  rollout: RolloutId,
  context: {
    readonly state: () => TargetState;
    readonly signal: AbortSignal;
    readonly tell: (command: RolloutCommand | (() => RolloutCommand)) => Promise<unknown>;
    readonly pace: MeasuringPace;
  },
): Promise<void> {
  const askers = new MetricAskers(parts, metrics, context);
  const { pace, signal, state, tell } = context;
  const nextLook = pace.join();
  let dueMs: number | null = null;
  try {
    while (!signal.aborted) {
      const told = await measure(parts, environment, { rollout, state, askers });
      if (told !== null) await tell(told);
      const nowMs = parts.clock.monotonicMs();
      const tickMs = pace.tickMs(tickOf(state(), parts.clock.now()));
      dueMs = nextLook({ tickMs, nowMs, dueMs });
      await sleep(parts.clock, dueMs - nowMs);
    }
  } finally {
    pace.leave();
  }
  await askers.ended();
}

function tickOf({ rollout }: TargetState, now: number): number {
  if (rollout?.phase !== 'forward') return wideTickMs;
  return now - rollout.stepStartedAt < closeMs ? closeTickMs : wideTickMs;
}

async function measure(
  parts: ControllerParts,
  { healthTrigger }: EnvironmentConfig,
  {
    rollout,
    state,
    askers,
  }: { readonly rollout: RolloutId; readonly state: () => TargetState; readonly askers: MetricAskers },
): Promise<RolloutCommand | (() => RolloutCommand) | null> {
  const at = parts.clock.now();
  const own = instancesOf(state(), rollout).map(({ id }) => id);
  const sick = healthTrigger === null ? null : await findSick(parts, own, healthTrigger);
  if (sick !== null) return { at, by: 'controller', type: 'TakeBack', code: 'health-failed', message: sick };
  try {
    const counts = await parts.traffic.counts(targetId(state().target));
    // A batch whose append failed may have been written: what is new is known only when the journal was read again.
    return () => ({
      at,
      by: 'controller',
      type: 'RecordBatch',
      rollout,
      batch: batchOf(counts, state(), () => askers.take()),
    });
  } catch (error) {
    // A router that is away for a moment is no verdict: its counts are cumulative, so the next batch holds them.
    if (isErrorFacts(error) && error.code === 'router-unreachable') return null;
    throw error;
  }
}

async function findSick(
  parts: ControllerParts,
  own: readonly InstanceId[],
  failures: number,
): Promise<string | null> {
  const found = (await findInstances(parts.runtime, own)).find(
    ({ healthFailures }) => healthFailures >= failures,
  );
  return found === undefined ? null : `${found.id}: ${found.reason ?? 'the health probe fails'}`;
}

/** What the counts hold beyond the evidence so far; null when it is nothing. */
function batchOf(
  counts: TrafficCounts,
  { rollout, stable, instances: running }: TargetState,
  take: () => readonly MetricReading[] = () => [],
): EvidenceBatch | null {
  if (rollout === null || rollout.phase === 'verifying') return null;
  const { cursor } = rollout.evidence;
  const arms: Arms = {
    [rollout.rollout]: 'candidate',
    ...(stable === null ? {} : { [stable.rollout]: 'stable' }),
  };
  const instances = counts.instances.flatMap((one) => {
    // The router counts warm instances that a rollback took under the release that started them.
    const arm = arms[running[one.instance]?.rollout ?? one.generation];
    if (arm === undefined) return [];
    const { instance, requests, bad, clientErrors, shielded = 0, latency, abandoned } = one;
    const now = { requests, bad, clientErrors, shielded, latency, abandoned };
    const moved = difference(now, stoodAt(cursor, counts.epoch, instance));
    if (moved.requests === 0 && moved.abandoned.length === 0 && moved.shielded === undefined) return [];
    const restarts = running[instance]?.restarts ?? 0;
    return [{ instance, arm, ...(restarts > 0 && { restarts }), ...moved }];
  });
  const baseline = cursor === null;
  const metrics = take();
  const mirror = copiesOf(counts, rollout);
  if (instances.length === 0 && metrics.length === 0 && mirror === null && !baseline) return null;
  const known = cursor?.epoch === counts.epoch ? cursor.slots : [];
  const sticky = rollout.plan.analysis.affinity === 'sticky';
  return {
    atMs: counts.at,
    epoch: counts.epoch,
    baseline,
    instances,
    ...(sticky && { slots: sumSlots(slotsOf(counts, arms), known, -1) }),
    ...(metrics.length > 0 && { metrics }),
    ...(mirror !== null && { mirror }),
  };
}

/** What copies of requests did since the last batch; null when it is nothing. */
function copiesOf(
  { epoch, mirror = [] }: TrafficCounts,
  { rollout, evidence: { cursor } }: Running,
): MirrorBatch | null {
  const counted = mirror.find(({ generation }) => generation === rollout);
  if (counted === undefined) return null;
  const { generation: _, ...now } = counted;
  const moved = sumMirrors(now, (cursor?.epoch === epoch && cursor.mirror) || noCopies, -1);
  return isNothing(moved) ? null : moved;
}

/** The arm of each generation that counts. */
type Arms = Readonly<Record<string, 'candidate' | 'stable'>>;

function slotsOf({ slots }: TrafficCounts, arms: Arms): readonly SlotBatch[] {
  const none = { requests: 0, bad: 0 };
  const each = slots.flatMap(({ generation, slot, requests, bad }): readonly SlotBatch[] => {
    const arm = arms[generation];
    return arm === undefined ? [] : [{ slot, candidate: none, stable: none, [arm]: { requests, bad } }];
  });
  return sumSlots([], each, 1);
}

/** In a new epoch the router's counts began at zero. */
function stoodAt(cursor: Cursor | null, epoch: string, instance: string): typeof nothing {
  return (cursor?.epoch === epoch ? cursor.instances[instance] : undefined) ?? nothing;
}
