import type { RolloutEvent } from '../../src/rollout/event.ts';
import { calmFor, type Fact, type Law, shareOf } from '../law.ts';

/** Nothing that going back does comes before the traffic, and the traffic is back in no time when nothing hinders it. */
const withinMs = 1_000;

/** Law 1: going back restores traffic before anything else, and needs no metrics, hook, approval or migration. */
export function usersFirst(): Law {
  return {
    name: '1: users first',
    judge(fact, world) {
      const { rollout } = world.ledger;
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

function otherWork(fact: Fact, rollout: string): string | null {
  if (fact.kind === 'command' && fact.run.id.startsWith(`command-${rollout}-back-`))
    return `${fact.run.spec.run} was run`;
  if (fact.kind === 'stop' && fact.generation === rollout) return `${fact.instance} was stopped`;
  if (fact.kind !== 'event') return null;
  const type = fact.event.type as RolloutEvent['type'];
  const after = type === 'EvidencePreserved' || type === 'RestorationVerified' || type === 'CommandFinished';
  return after || type === 'StepCompleted' ? `${type} was recorded` : null;
}
