import { currentStep } from '../../src/rollout/state.ts';
import type { Plant } from './plant.ts';
import { withActions, withPlans } from './planted-core.ts';
import { isCandidateOf } from './which.ts';

/** Bugs that let users wait while a rollout goes back. */
export const againstUsersFirst: readonly Plant[] = [
  {
    law: 1,
    name: 'stops-the-candidate-at-once',
    bug: 'Going back stops the candidate beside the table that takes it out, not after it.',
    wire: (parts) =>
      withActions(parts, (actions, state) => {
        if (state.rollout?.phase !== 'back') return actions;
        const candidates = Object.values(state.instances).filter((one) => isCandidateOf(state, one));
        const stops = candidates.map(({ id: instance }) => {
          return { id: `early-${instance}`, type: 'stop-instance', instance, deadlineMs: 0 } as const;
        });
        return [...actions, ...stops];
      }),
  },
  {
    law: 1,
    name: 'asks-for-measurements-before-the-traffic',
    bug: 'A table that takes the candidate out is sent only after a second and a half of measuring.',
    wire: (parts, { life }) => ({
      ...parts,
      traffic: {
        ...parts.traffic,
        async apply(table) {
          if (table.candidate.length === 0) await life.wait(1_500);
          return parts.traffic.apply(table);
        },
      },
    }),
  },
  {
    law: 1,
    name: 'keeps-evidence-first',
    bug: 'Going back keeps the evidence before the router is told anything.',
    wire(parts) {
      const reordered = withPlans(parts, (plan) => {
        const later = plan.backSteps.filter(({ type }) => type === 'restore');
        return { ...plan, backSteps: [...plan.backSteps.filter((step) => !later.includes(step)), ...later] };
      });
      return withActions(reordered, (actions, { rollout }) =>
        rollout?.phase === 'back' && currentStep(rollout)?.type === 'preserve'
          ? actions.filter(({ type }) => type !== 'apply-routes')
          : actions,
      );
    },
  },
  {
    law: 1,
    name: 'takes-no-answer-for-yes-when-going-back',
    bug: 'A table without a candidate counts as acknowledged when nobody answered.',
    onlyAt: 'traffic.apply of the table that takes the candidate out',
    wire: (parts) => ({
      ...parts,
      traffic: {
        ...parts.traffic,
        apply: (table) =>
          parts.traffic.apply(table).catch((error: unknown) => {
            if (table.candidate.length > 0) throw error;
            return { fence: table.fence, version: table.version };
          }),
      },
    }),
  },
];
