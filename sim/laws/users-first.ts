import type { RolloutEvent } from '../../src/rollout/event.ts';
import { calmFor, type Fact, type Law, shareOf, type WorldView } from '../law.ts';

/** Nothing that going back does comes before the traffic, and the traffic is back in no time when nothing hinders it. */
const withinMs = 1_000;
/** A router that forgot its table, and the first question that was lost on the way to it. */
const servedWithinMs = 3_000;

/** Law 1: going back restores traffic before anything else, and needs no metrics, hook, approval or migration. */
export function usersFirst(): Law {
  return {
    name: '1: users first',
    judge(fact, world) {
      const { rollout } = world.ledger;
      const unserved = fact.kind === 'moment' ? judgeService(world) : null;
      if (unserved !== null) return unserved;
      if (rollout === null || rollout.phase !== 'back' || !rollout.hadTraffic) return null;
      const share = shareOf(world.table, rollout.id);
      if (share === 0) return null;
      const early = otherWork(fact, rollout.id);
      if (early !== null)
        return `${early} while ${rollout.id}, which goes back, still has ${share / 100} % of the requests`;
      const late =
        fact.kind === 'moment' && calmFor(world, withinMs) && world.nowMs - rollout.wentBackAtMs > withinMs;
      return late
        ? `${rollout.id} has ${share / 100} % of the requests ${withinMs} ms after it went back`
        : null;
    },
  };
}

/** While stable has an instance that the journal knows as ready, users meet somebody. Only recreate turns them away. */
function judgeService(world: WorldView): string | null {
  const { stable, rollout, readySince, retired } = world.ledger;
  if (stable === null || rollout?.plan?.strategy.kind === 'recreate' || !calmFor(world, servedWithinMs))
    return null;
  const { table } = world;
  if (table?.mode === 'serve') return null;
  const idle = [...readySince].find(
    ([id, sinceMs]) =>
      world.ledger.ownerOf(id) === stable && !retired.has(id) && world.nowMs - sinceMs > servedWithinMs,
  );
  return idle === undefined
    ? null
    : `users are turned away although ${idle[0]} of the stable release is ready`;
}

function otherWork(fact: Fact, rollout: string): string | null {
  if (fact.kind === 'command' && fact.run.id.startsWith(`command-${rollout}-back-`))
    return `${fact.run.spec.run} was run`;
  if (fact.kind === 'stop' && fact.generation === rollout) return `${fact.instance} was stopped`;
  if (fact.kind !== 'event') return null;
  const type = fact.event.type as RolloutEvent['type'];
  const after = type === 'EvidencePreserved' || type === 'RestorationVerified' || type === 'CommandFinished';
  return after || type === 'StepCompleted' ? `${type} was recorded` : null;
}
