import { calmFor, type Fact, type Law, namedIn, shareOf, type WorldView } from '../law.ts';

/** Longer than any backoff, deadline and window of a scenario. */
const stuckMs = 20_000;
const answerMs = 1_000;

/** Law 7: every rollout ends, or waits on a named person or a named time. An abort records its decision whatever is away. */
export function rolloutsEnd(): Law {
  let lastEventMs = 0;
  return {
    name: '7: rollouts end',
    judge(fact, world) {
      if (fact.kind === 'event' && fact.event.type !== 'BatchRecorded') lastEventMs = world.nowMs;
      if (fact.kind === 'end') return judgeEnd(world);
      if (fact.kind === 'asked') return judgeAnswer(fact, world);
      const stuck = fact.kind === 'moment' && calmFor(world, stuckMs) && world.nowMs - lastEventMs > stuckMs;
      return stuck ? judgeWaiting(world) : null;
    },
  };
}

function judgeAnswer({ method, tookMs }: Extract<Fact, { kind: 'asked' }>, world: WorldView): string | null {
  if (method !== 'abort' || tookMs <= answerMs || world.diskHurtSince(world.nowMs - tookMs)) return null;
  return `an abort was recorded only ${tookMs} ms after it was asked for`;
}

function judgeWaiting({ ledger }: WorldView): string | null {
  const { rollout } = ledger;
  if (rollout === null) return null;
  const step = ledger.step();
  const waits = step !== null && ['approve', 'pause', 'analyze', 'mirror'].includes(step.type);
  if (waits || ledger.pausedBy !== null) return null;
  return `${rollout.id} stands still in ${rollout.phase} ${rollout.index} (${step?.type ?? 'no step'}) and waits for nobody`;
}

/** Everything ended, the stable release serves, and nothing runs that nothing needs. */
function judgeEnd(world: WorldView): string | null {
  const { ledger, table, instances, damaged } = world;
  const { rollout, stable } = ledger;
  if (rollout !== null)
    return `${rollout.id} did not end: ${rollout.phase} ${rollout.index} (${ledger.step()?.type ?? 'no step'})`;
  if (ledger.queued.size > 0) return `${[...ledger.queued].join(', ')} waits in the queue for ever`;
  const left = [...instances.keys()].find((id) => ledger.ownerOf(id) !== stable);
  if (left !== undefined) return `${left} still runs and nothing needs it`;
  const plan = ledger.plans.get(stable ?? '');
  // Nothing is to be demanded of a release that cannot be started any more.
  if (stable === null || plan === undefined || damaged.has(plan.release.unit ?? '')) return null;
  const share = shareOf(table, stable);
  if (share !== 10_000) return `the stable release ${stable} has ${share / 100} % of the requests`;
  const serving = namedIn(table).filter((id) => instances.get(id)?.status === 'ready').length;
  return serving >= plan.replicas ? null : `${serving} of ${plan.replicas} instances of ${stable} serve`;
}
