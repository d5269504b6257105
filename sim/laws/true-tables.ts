import { fullWeight, type Routes, type RouteTable } from '../../src/base/route-table.ts';
import type { RolloutEvent } from '../../src/rollout/event.ts';
import { calmFor, type Law, namedIn, type WorldView } from '../law.ts';

const outWithinMs = 1_000;
/** What a probe says is told again every five seconds at the latest, to a controller that was away. */
const sickWithinMs = 6_500;

/** Law 5: weights add up to 100; a table names only instances that were ready when it was sent; a dead one is out within 1 s. */
export function trueTables(): Law {
  const notReadySinceMs = new Map<string, number>();
  return {
    name: '5: true tables',
    judge(fact, world) {
      if (fact.kind === 'observed') {
        const { id, status } = fact.observation;
        if (status === 'ready') notReadySinceMs.delete(id);
        else if (!notReadySinceMs.has(id)) notReadySinceMs.set(id, world.nowMs);
      }
      if (fact.kind === 'table') return judgeWeights(fact.table);
      if (fact.kind === 'moment') return judgeTheDead(world, notReadySinceMs);
      if (fact.kind !== 'event' || (fact.event.type as RolloutEvent['type']) !== 'RoutesRequested')
        return null;
      return judgeReady((fact.event.data as { routes: Routes }).routes, world);
    },
  };
}

function judgeWeights({ version, mode, stable, candidate, candidateWeight }: RouteTable): string | null {
  const whole = Number.isInteger(candidateWeight) && candidateWeight >= 0 && candidateWeight <= fullWeight;
  if (!whole) return `table ${version} gives the candidate ${candidateWeight} of ${fullWeight}`;
  if (mode !== 'serve') return null;
  if (candidateWeight > 0 && candidate.length === 0)
    return `table ${version} gives a share to a candidate without instances`;
  if (candidateWeight < fullWeight && stable.length === 0)
    return `table ${version} gives a share to a stable side without instances`;
  return null;
}

function judgeReady(routes: Routes, { ledger }: WorldView): string | null {
  const named = [...routes.stable, ...routes.candidate, ...(routes.mirror?.backends ?? [])];
  const unready = named.find(({ instance }) => !ledger.readySince.has(instance));
  return unready === undefined
    ? null
    : `table ${routes.version} was asked for with ${unready.instance}, which is not ready`;
}

function judgeTheDead(world: WorldView, notReadySinceMs: ReadonlyMap<string, number>): string | null {
  for (const instance of namedIn(world.table)) {
    const sinceMs = notReadySinceMs.get(instance);
    if (sinceMs === undefined) continue;
    const dead = (world.instances.get(instance)?.pid ?? null) === null;
    const withinMs = dead ? outWithinMs : sickWithinMs;
    const longMs = world.nowMs - sinceMs;
    if (longMs > withinMs && calmFor(world, withinMs))
      return `${instance} is ${dead ? 'dead' : 'not ready'} since ${longMs} ms and still in the table`;
  }
  return null;
}
