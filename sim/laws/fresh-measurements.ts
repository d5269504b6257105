import type { RolloutEvent } from '../../src/rollout/event.ts';
import { calmFor, type Law, type WorldView } from '../law.ts';

/** How old the last answer of the router may be when a verdict lets a rollout go on. */
const freshMs = 1_000;

/** Asked five times a second, and once more when an answer was lost. */
const freshMetricMs = 2_500;

/** What a source outside the router told last, by arm. */
type Measured = Record<'candidate' | 'stable', { readonly rollout: string; readonly atMs: number } | null>;

/** Law 9: missing or stale measurements never promote, and nothing is counted that did not happen. */
export function freshMeasurements(): Law {
  const requests = new Map<string, number>();
  const counted = new Map<string, number>();
  const shielded = new Map<string, number>();
  const measured: Measured = { candidate: null, stable: null };
  let answeredAtMs = Number.NEGATIVE_INFINITY;
  return {
    name: '9: fresh measurements',
    judge(fact, world) {
      if (fact.kind === 'request') requests.set(fact.generation, (requests.get(fact.generation) ?? 0) + 1);
      if (fact.kind === 'counts') answeredAtMs = world.nowMs;
      if (fact.kind === 'measured')
        measured[fact.arm] = { rollout: world.ledger.rollout?.id ?? '', atMs: world.nowMs };
      if (fact.kind !== 'event') return null;
      const event = { type: fact.event.type, ...(fact.event.data as object) } as RolloutEvent;
      // What a rollback takes over may have requests of before in flight, which it counts when they end.
      if (event.type === 'StandbyAdopted') requests.set(event.rollout, inFlightOf(world, event.rollout));
      if (event.type === 'BatchRecorded')
        return count(event, world, requests, counted) ?? countShielded(event, world, shielded);
      if (event.type !== 'VerdictReached' || !event.ok) return null;
      return judgeVerdict(world, answeredAtMs, counted) ?? judgeMetrics(world, measured);
    },
  };
}

function inFlightOf(world: WorldView, rollout: string): number {
  const own = [...world.instances.keys()].filter((instance) => world.ledger.ownerOf(instance) === rollout);
  return own.reduce((all, instance) => all + world.inFlight(instance), 0);
}

function count(
  { batch }: Extract<RolloutEvent, { type: 'BatchRecorded' }>,
  { ledger }: WorldView,
  requests: ReadonlyMap<string, number>,
  counted: Map<string, number>,
): string | null {
  const { rollout } = ledger;
  if (rollout === null) return 'a measurement was recorded without a rollout';
  if (batch.baseline) return null;
  const own = batch.instances
    .filter(({ arm }) => arm === 'candidate')
    .reduce((all, one) => all + one.requests, 0);
  const all = (counted.get(rollout.id) ?? 0) + own;
  counted.set(rollout.id, all);
  const happened = requests.get(rollout.id) ?? 0;
  return all <= happened ? null : `${all} requests of ${rollout.id} were counted and ${happened} were made`;
}

/** Only a user who would have met a failure is answered by stable instead. */
function countShielded(
  { batch }: Extract<RolloutEvent, { type: 'BatchRecorded' }>,
  { ledger }: WorldView,
  shielded: Map<string, number>,
): string | null {
  const id = ledger.rollout?.id ?? '';
  if (batch.baseline) return null;
  const own = batch.instances.filter(({ arm }) => arm === 'candidate');
  const surplus = own.reduce((all, one) => all + (one.shielded ?? 0) - one.bad, shielded.get(id) ?? 0);
  shielded.set(id, surplus);
  return surplus > 0 ? `${surplus} more requests of ${id} count as shielded than failed` : null;
}

function judgeVerdict(
  world: WorldView,
  answeredAtMs: number,
  counted: ReadonlyMap<string, number>,
): string | null {
  const { nowMs } = world;
  const { rollout } = world.ledger;
  if (rollout === null || rollout.plan === null) return 'a verdict was recorded without a rollout';
  if (answeredAtMs < rollout.stepStartedAtMs)
    return `${rollout.id} goes on and nothing was measured since the step began`;
  if (nowMs - answeredAtMs > freshMs && !world.diskHurtSince(answeredAtMs))
    return `${rollout.id} goes on with a measurement of ${nowMs - answeredAtMs} ms ago`;
  // No users have met it yet, and where nothing was copied they are next.
  if (world.ledger.step()?.type === 'mirror') return null;
  const onHealth = rollout.plan.lowTraffic === 'promote-on-health';
  if (onHealth || (counted.get(rollout.id) ?? 0) > 0) return null;
  return `${rollout.id} goes on and no request of it was ever counted`;
}

/** What the plan requires was told for both sides of this rollout, and not long ago; otherwise a person goes on without it. */
function judgeMetrics(world: WorldView, measured: Measured): string | null {
  const { rollout } = world.ledger;
  if (world.ledger.step()?.type === 'mirror') return null;
  const required = rollout?.plan?.analysis.metrics.find((metric) => metric.required);
  if (rollout === null || required === undefined) return null;
  for (const told of [measured.candidate, measured.stable]) {
    if (told?.rollout !== rollout.id)
      return `${rollout.id} goes on and ${required.name}, which it requires, was never measured`;
    const agoMs = world.nowMs - told.atMs;
    if (agoMs > freshMetricMs && calmFor(world, freshMetricMs))
      return `${rollout.id} goes on and ${required.name}, which it requires, was measured ${agoMs} ms ago`;
  }
  return null;
}
