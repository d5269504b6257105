import { addTallies, noRequests } from '../analysis/tally.ts';
import type { MirrorCounts, MirrorDifference, MirrorRoute } from '../base/counts.ts';
import { sumHistograms } from './histogram-sums.ts';

/** What copies of requests did between two readings, beside the users' own requests. */
export type MirrorBatch = Omit<MirrorCounts, 'generation'>;

export const noCopies: MirrorBatch = {
  candidate: noRequests,
  stable: noRequests,
  skipped: 0,
  routes: [],
};

/** `left` plus `right`, or minus it; routes and differences of which nothing is left are left out. */
export function sumMirrors(left: MirrorBatch, right: MirrorBatch, sign: 1 | -1): MirrorBatch {
  const routes = new Map(left.routes.map((one) => [one.route, one]));
  for (const one of right.routes) routes.set(one.route, sumRoutes(routes.get(one.route), one, sign));
  return {
    candidate: addTallies(left.candidate, right.candidate, sign),
    stable: addTallies(left.stable, right.stable, sign),
    skipped: left.skipped + sign * right.skipped,
    routes: [...routes.values()].filter(({ requests }) => requests !== 0),
  };
}

export function isNothing({ candidate, stable, skipped }: MirrorBatch): boolean {
  return candidate.requests === 0 && stable.requests === 0 && skipped === 0;
}

function sumRoutes(left: MirrorRoute | undefined, right: MirrorRoute, sign: 1 | -1): MirrorRoute {
  const { requests = 0, differences = [], stableLatency = [], candidateLatency = [] } = left ?? {};
  return {
    route: right.route,
    requests: requests + sign * right.requests,
    differences: sumDifferences(differences, right.differences, sign),
    stableLatency: sumHistograms(stableLatency, right.stableLatency, sign),
    candidateLatency: sumHistograms(candidateLatency, right.candidateLatency, sign),
  };
}

function sumDifferences(
  left: readonly MirrorDifference[],
  right: readonly MirrorDifference[],
  sign: 1 | -1,
): readonly MirrorDifference[] {
  const key = ({ stable, candidate }: MirrorDifference) => `${stable} ${candidate}`;
  const sums = new Map(left.map((one) => [key(one), one]));
  for (const one of right) {
    const held = sums.get(key(one))?.requests ?? 0;
    sums.set(key(one), { ...one, requests: held + sign * one.requests });
  }
  return [...sums.values()].filter(({ requests }) => requests !== 0);
}
