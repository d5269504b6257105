import { type Fact, type Law, shareOf, type WorldView } from '../law.ts';

/** Law 3: promotion re-labels what already serves; it never copies and restarts. */
export function promotionRelabels(): Law {
  const started = new Map<string, Set<string>>();
  return {
    name: '3: promotion re-labels',
    judge(fact, world) {
      if (fact.kind === 'event' && fact.event.type === 'ReleasePromoted') return judgePromotion(world);
      if (fact.kind !== 'ensure') return null;
      const known = started.get(fact.generation) ?? new Set();
      started.set(fact.generation, known.add(fact.instance));
      return judgeStart(fact, world);
    },
  };
}

function judgePromotion({ ledger, table }: WorldView): string | null {
  const { rollout } = ledger;
  if (rollout === null) return 'a release was promoted without a rollout';
  // Without a router nobody serves; what matters is that no other release does.
  if (table === null) return null;
  const share = shareOf(table, rollout.id);
  return share === 10_000 ? null : `${rollout.id} was promoted while it had ${share / 100} % of the requests`;
}

/** A stable release of which a new instance is started would be a copy. Going back from recreate brings it back. */
function judgeStart(
  { instance, generation }: Extract<Fact, { kind: 'ensure' }>,
  { ledger }: WorldView,
): string | null {
  if (generation !== ledger.stable || ledger.everReady.has(instance)) return null;
  const { rollout } = ledger;
  if (rollout?.phase === 'back' && rollout.plan?.strategy.kind === 'recreate') return null;
  return `${instance} was started anew after its release had become stable`;
}
