import type { Law } from '../law.ts';
import { copiesAreJudged } from './copies-are-judged.ts';
import { copiesAreNoUsers } from './copies-are-no-users.ts';
import { fencedController } from './fenced-controller.ts';
import { freshMeasurements } from './fresh-measurements.ts';
import { incidentsBlock } from './incidents-block.ts';
import { onlyApproved } from './only-approved.ts';
import { promotionRelabels } from './promotion-relabels.ts';
import { readyAndDrained } from './ready-and-drained.ts';
import { rolloutsEnd } from './rollouts-end.ts';
import { stableIsKept } from './stable-is-kept.ts';
import { stepsTakeTheirTime } from './steps-take-their-time.ts';
import { trueTables } from './true-tables.ts';
import { usersFirst } from './users-first.ts';

/** One checker for each law of the architecture, in their order; each with a memory of its own run. */
export function allLaws(): readonly Law[] {
  return [
    usersFirst(),
    stableIsKept(),
    stepsTakeTheirTime(),
    promotionRelabels(),
    readyAndDrained(),
    trueTables(),
    onlyApproved(),
    copiesAreNoUsers(),
    rolloutsEnd(),
    incidentsBlock(),
    freshMeasurements(),
    copiesAreJudged(),
    fencedController(),
  ];
}
