import type { RolloutEvent } from '../../src/rollout/event.ts';
import { calmFor, type Fact, type Law, type WorldView } from '../law.ts';

/** A step that is over is over for the router too. */
const endsWithinMs = 1_000;

/**
 * Law 6, of copies: nobody meets a release before its plan gives it a share, and what only copies met hurt nobody. Copies go
 * to the rollout whose step asks for them, for as long as it does.
 */
export function copiesAreNoUsers(): Law {
  /** Rollouts that users were given a share of. */
  const met = new Set<string>();
  /** When the step of a rollout that copies last lasted. */
  const copying = new Map<string, number>();
  /** The rollout that its copies failed. */
  let failed: string | null = null;
  return {
    name: '6: copies are no users',
    judge(fact, world) {
      const { rollout } = world.ledger;
      if (rollout?.hadTraffic) met.add(rollout.id);
      if (rollout?.phase === 'forward' && world.ledger.step()?.type === 'mirror')
        copying.set(rollout.id, world.nowMs);
      if (fact.kind === 'request' && !met.has(fact.generation))
        return `a user's request went to ${fact.instance}, and users have no share of ${fact.generation} yet`;
      if (fact.kind === 'copy') return judgeCopy(fact, world, copying);
      if (fact.kind !== 'event') return null;
      const event = { type: fact.event.type, ...(fact.event.data as object) } as RolloutEvent;
      if (event.type === 'RolloutRequested') failed = null;
      if (event.type === 'GoingBackStarted')
        failed = event.reason.code === 'mirror-failed' ? (rollout?.id ?? null) : null;
      if (failed === null) return null;
      if (met.has(failed)) return `${failed} was failed by copies although users had met it`;
      return judgeFailed(event, failed);
    },
  };
}

function judgeCopy(
  { instance, generation }: Extract<Fact, { kind: 'copy' }>,
  world: WorldView,
  copying: ReadonlyMap<string, number>,
): string | null {
  const lastMs = copying.get(generation);
  if (lastMs === undefined) return `a copy went to ${instance}, and no step of ${generation} asked for one`;
  const longMs = world.nowMs - lastMs;
  return longMs > endsWithinMs && calmFor(world, endsWithinMs)
    ? `a copy went to ${instance} ${longMs} ms after the step that asked for it`
    : null;
}

function judgeFailed(event: RolloutEvent, failed: string): string | null {
  if (event.type === 'RolloutEnded' && event.ending !== 'failed')
    return `${failed}, which copies failed, ended ${event.ending}`;
  // Going back may break, and people report what they see: both are another matter.
  const own = event.type === 'IncidentOpened' && event.rollout === failed && event.severity === 'high';
  return own && event.signal === undefined ? `${failed} opened an incident, and no user had met it` : null;
}
