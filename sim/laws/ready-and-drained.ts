import { type Fact, isGoneForGood, type Law, namedIn, type WorldView } from '../law.ts';

/** Law 4: traffic only onto instances that were seen ready; stopped only after the router let go of them and they drained. */
export function readyAndDrained(): Law {
  /** Since when the table in force does not name an instance that an earlier one named. */
  const outSinceMs = new Map<string, number>();
  const wasReady = new Set<string>();
  return {
    name: '4: ready, then drained',
    judge(fact, world) {
      if (fact.kind === 'observed' && fact.observation.status === 'ready') wasReady.add(fact.observation.id);
      if (fact.kind === 'stop') return judgeStop(fact, world, outSinceMs);
      if (fact.kind !== 'table') return null;
      const named = new Set<string>(namedIn(fact.table));
      for (const instance of named) outSinceMs.delete(instance);
      for (const instance of namedIn(fact.before))
        if (!named.has(instance)) outSinceMs.set(instance, world.nowMs);
      const unseen = [...named].find((instance) => !wasReady.has(instance));
      return unseen === undefined
        ? null
        : `table ${fact.table.version} names ${unseen}, which was never ready`;
    },
  };
}

function judgeStop(
  { instance, generation }: Extract<Fact, { kind: 'stop' }>,
  world: WorldView,
  outSinceMs: ReadonlyMap<string, number>,
): string | null {
  const { ledger, table, nowMs } = world;
  // It serves nobody any more, also where the router cannot be told so.
  if (isGoneForGood(world, instance)) return null;
  if (namedIn(table).includes(instance))
    return `${instance} was stopped although the table in force names it`;
  const retired = ledger.retired.get(instance);
  if (retired === undefined) return `${instance} was stopped although nobody retired it`;
  if (ledger.highestAcknowledged < retired)
    return `${instance} was stopped before table ${retired} was acknowledged`;
  const inFlight = world.inFlight(instance);
  const deadlineMs = ledger.plans.get(generation)?.release.run.drainDeadlineMs ?? 30_000;
  const waitedMs = nowMs - (outSinceMs.get(instance) ?? Number.NEGATIVE_INFINITY);
  if (inFlight === 0 || waitedMs >= deadlineMs) return null;
  return `${instance} was stopped with ${inFlight} requests in flight, ${waitedMs} of ${deadlineMs} ms after it was taken out`;
}
