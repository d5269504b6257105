import type { MirrorCounts, RequestTally } from '../../src/base/counts.ts';
import type { RolloutEvent } from '../../src/rollout/event.ts';
import { calmFor, type Law } from '../law.ts';

/** A candidate that fails so many more of so many copies than stable fails of its requests is clearly bad. */
const enough = 60;
const badShare = 0.25;
const goodShare = 0.01;

const none: RequestTally = { requests: 0, bad: 0 };

/** Law 9, of copies: none is counted that was not made, and a release that clearly fails them does not go on to users. */
export function copiesAreJudged(): Law {
  const made = new Map<string, RequestTally>();
  const candidate = new Map<string, RequestTally>();
  const stable = new Map<string, RequestTally>();
  let told: readonly MirrorCounts[] = [];
  return {
    name: '9: copies are judged',
    judge(fact, world) {
      if (fact.kind === 'copied') add(made, fact.generation, { requests: 1, bad: fact.bad ? 1 : 0 });
      if (fact.kind === 'counts') told = fact.mirror ?? [];
      const { rollout } = world.ledger;
      if (fact.kind !== 'event' || rollout === null) return null;
      const { id } = rollout;
      const event = { type: fact.event.type, ...(fact.event.data as object) } as RolloutEvent;
      if (event.type === 'BatchRecorded' && event.batch.mirror !== undefined) {
        const { mirror } = event.batch;
        const least = Math.min(mirror.candidate.requests, mirror.stable.requests, mirror.skipped);
        if (least < 0) return `a batch of ${id} takes ${-least} copies back`;
        add(candidate, id, mirror.candidate);
        add(stable, id, mirror.stable);
        return judgeCount(id, candidate.get(id) ?? none, made.get(id) ?? none);
      }
      const passed = event.type === 'VerdictReached' && event.ok && world.ledger.step()?.type === 'mirror';
      if (!passed || rollout.phase !== 'forward') return null;
      const counted = { candidate: candidate.get(id) ?? none, stable: stable.get(id) ?? none };
      const calm = calmFor(world, world.nowMs - rollout.stepStartedAtMs);
      // Of what a router that died had counted, nobody was told the rest.
      const known = calm ? (told.find(({ generation }) => generation === id) ?? counted) : counted;
      return judgePassed(id, known);
    },
  };
}

function judgeCount(id: string, counted: RequestTally, made: RequestTally): string | null {
  if (counted.requests > made.requests)
    return `${counted.requests} copies for ${id} were counted and ${made.requests} were made`;
  return counted.bad > made.bad ? `${counted.bad} copies for ${id} count as bad and ${made.bad} were` : null;
}

function judgePassed(
  id: string,
  { candidate, stable }: { readonly candidate: RequestTally; readonly stable: RequestTally },
): string | null {
  const clear = candidate.requests >= enough && stable.requests >= enough;
  const worse = candidate.bad >= badShare * candidate.requests && stable.bad <= goodShare * stable.requests;
  return clear && worse
    ? `${id} goes on to users although ${candidate.bad} of ${candidate.requests} copies failed`
    : null;
}

function add(sums: Map<string, RequestTally>, id: string, { requests, bad }: RequestTally): void {
  const sum = sums.get(id) ?? none;
  sums.set(id, { requests: sum.requests + requests, bad: sum.bad + bad });
}
