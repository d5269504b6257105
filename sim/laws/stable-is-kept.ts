import type { RolloutEvent } from '../../src/rollout/event.ts';
import { type Fact, isGoneForGood, type Law, type WorldView } from '../law.ts';

/** Law 2: stable capacity is not given up before the soak ends; after success it stays warm for the rollback window. */
export function stableIsKept(): Law {
  return {
    name: '2: stable is kept',
    judge(fact, world) {
      if (fact.kind === 'stop') return isGoneForGood(world, fact.instance) ? null : judgeStop(fact, world);
      if (fact.kind !== 'event') return null;
      return judgeExpiry(fact, world) ?? judgePromotion(fact, world);
    },
  };
}

function judgeStop(
  { instance, generation }: Extract<Fact, { kind: 'stop' }>,
  { ledger, now }: WorldView,
): string | null {
  // Recreate stops what is stable first: its plan prints the outage.
  if (ledger.retiredByRecreate.has(instance)) return null;
  if (generation === ledger.stable) return `${instance} was stopped although its release is stable`;
  const warmUntil = ledger.warmUntil.get(generation);
  if (warmUntil === undefined || ledger.expired.has(generation)) return null;
  return `${instance} was stopped ${warmUntil - now} ms before its rollback window ended`;
}

function judgeExpiry({ event }: Extract<Fact, { kind: 'event' }>, { ledger }: WorldView): string | null {
  if ((event.type as RolloutEvent['type']) !== 'StandbyExpired') return null;
  const { rollout } = event.data as { rollout: string };
  const earlyMs = (ledger.warmUntil.get(rollout) ?? 0) - event.at;
  return earlyMs > 0 ? `${rollout} was given up ${earlyMs} ms before its rollback window ended` : null;
}

function judgePromotion({ event }: Extract<Fact, { kind: 'event' }>, { ledger }: WorldView): string | null {
  if ((event.type as RolloutEvent['type']) !== 'ReleasePromoted') return null;
  const { rollout, warmUntil } = event.data as Extract<RolloutEvent, { type: 'ReleasePromoted' }>;
  const windowMs = ledger.plans.get(rollout)?.rollbackWindowMs ?? 0;
  if (warmUntil >= event.at + windowMs) return null;
  return `${rollout} was promoted and keeps the earlier release for ${warmUntil - event.at} of ${windowMs} ms`;
}
