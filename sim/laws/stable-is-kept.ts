import type { RolloutEvent } from '../../src/rollout/event.ts';
import type { Fact, Law, WorldView } from '../law.ts';

/** Law 2: stable capacity is not given up before the soak ends; after success it stays warm for the rollback window. */
export function stableIsKept(): Law {
  return {
    name: '2: stable is kept',
    judge(fact, world) {
      if (fact.kind === 'stop') return judgeStop(fact, world);
      return fact.kind === 'event' ? judgePromotion(fact, world) : null;
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
  if (warmUntil === undefined || now >= warmUntil) return null;
  return `${instance} was stopped ${warmUntil - now} ms before its rollback window ended`;
}

function judgePromotion({ event }: Extract<Fact, { kind: 'event' }>, { ledger }: WorldView): string | null {
  if ((event.type as RolloutEvent['type']) !== 'ReleasePromoted') return null;
  const { rollout, warmUntil } = event.data as Extract<RolloutEvent, { type: 'ReleasePromoted' }>;
  const windowMs = ledger.plans.get(rollout)?.rollbackWindowMs ?? 0;
  if (warmUntil >= event.at + windowMs) return null;
  return `${rollout} was promoted and keeps the earlier release for ${warmUntil - event.at} of ${windowMs} ms`;
}
