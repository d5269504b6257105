import { againstCopiesAreJudged } from './copies-are-judged.ts';
import { againstCopiesAreNoUsers } from './copies-are-no-users.ts';
import { againstFencedController } from './fenced-controller.ts';
import { againstFreshMeasurements } from './fresh-measurements.ts';
import { againstIncidentsBlock } from './incidents-block.ts';
import { againstOnlyApproved } from './only-approved.ts';
import type { Plant } from './plant.ts';
import { againstPromotionRelabels } from './promotion-relabels.ts';
import { againstReadyAndDrained } from './ready-and-drained.ts';
import { againstRolloutsEnd } from './rollouts-end.ts';
import { againstStableIsKept } from './stable-is-kept.ts';
import { againstTrueTables } from './true-tables.ts';
import { againstUsersFirst } from './users-first.ts';

/** By law; at least three for each, one of them visible only after a crash or a lost reply at one await. */
export const allPlants: readonly Plant[] = [
  ...againstUsersFirst,
  ...againstStableIsKept,
  ...againstPromotionRelabels,
  ...againstReadyAndDrained,
  ...againstTrueTables,
  ...againstOnlyApproved,
  ...againstCopiesAreNoUsers,
  ...againstRolloutsEnd,
  ...againstIncidentsBlock,
  ...againstFreshMeasurements,
  ...againstCopiesAreJudged,
  ...againstFencedController,
];
