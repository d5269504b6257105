import { instanceId } from '../../src/base/ids.ts';
import { fullWeight } from '../../src/base/route-table.ts';
import type { Plant } from './plant.ts';
import { withEvents, withPlans } from './planted-core.ts';

/** Bugs that promote what does not serve, or serve what was not promoted. */
export const againstPromotionRelabels: readonly Plant[] = [
  {
    law: 3,
    name: 'promotes-with-the-holdback',
    bug: 'The last weight is left out, so that the candidate becomes stable with a part of the requests.',
    wire: (parts) =>
      withPlans(parts, (plan) => {
        const weights = plan.steps.filter(({ type }) => type === 'setWeight');
        const last = weights.length > 1 ? weights.at(-1) : undefined;
        return { ...plan, steps: plan.steps.filter((step) => step !== last) };
      }),
  },
  {
    law: 3,
    name: 'copies-what-is-promoted',
    bug: 'The promotion starts an instance anew from the same build.',
    wire: (parts) =>
      withEvents(parts, (event) => {
        if (event.type !== 'ReleasePromoted') return [event];
        const { rollout } = event;
        return [event, { type: 'InstancesRequested', instances: [instanceId(rollout, 99)], rollout }];
      }),
  },
  {
    law: 3,
    name: 'takes-no-answer-for-yes-before-promoting',
    bug: 'A table that gives the candidate everything counts as acknowledged when nobody answered.',
    onlyAt: 'traffic.apply of the table with the full weight',
    wire: (parts) => ({
      ...parts,
      traffic: {
        ...parts.traffic,
        apply: (table) =>
          parts.traffic.apply(table).catch((error: unknown) => {
            if (table.candidateWeight < fullWeight) throw error;
            return { fence: table.fence, version: table.version };
          }),
      },
    }),
  },
];
