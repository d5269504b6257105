import type { MirrorSettings } from '../../src/base/route-table.ts';
import { currentStep } from '../../src/rollout/state.ts';
import type { Plant } from './plant.ts';
import { withStates } from './planted-core.ts';

/** Bugs that let users meet what only copies of their requests may meet. */
export const againstCopiesAreNoUsers: readonly Plant[] = [
  {
    law: 6,
    name: 'copies-a-share',
    bug: 'A step that copies requests gives the candidate its share of the users too.',
    wire: (parts) =>
      withStates(parts, (state, event) => {
        const { rollout } = state;
        const copies = event.type === 'StepStarted' && currentStep(rollout)?.type === 'mirror';
        return copies && rollout?.phase === 'forward'
          ? { ...state, rollout: { ...rollout, weight: 1_000 } }
          : state;
      }),
  },
  {
    law: 6,
    name: 'goes-on-copying',
    bug: 'A table without a mirror leaves the one that the router has.',
    wire(parts) {
      let kept: MirrorSettings | undefined;
      return {
        ...parts,
        traffic: {
          ...parts.traffic,
          apply(table) {
            kept = table.mirror ?? kept;
            return parts.traffic.apply(kept === undefined ? table : { ...table, mirror: kept });
          },
        },
      };
    },
  },
  {
    law: 6,
    name: 'takes-copies-for-users',
    bug: 'A release that was failed by its copies counts as one that users met.',
    wire: (parts) =>
      withStates(parts, (state, event) => {
        const { rollout } = state;
        return event.type === 'GoingBackStarted' && rollout?.phase === 'back'
          ? { ...state, rollout: { ...rollout, hadTraffic: true } }
          : state;
      }),
  },
  {
    law: 6,
    name: 'tries-users-in-place-of-copies',
    bug: 'A table with a mirror that nobody acknowledged is sent again with a share in place of it.',
    onlyAt: 'traffic.apply of the table that begins copying',
    wire: (parts) => ({
      ...parts,
      traffic: {
        ...parts.traffic,
        apply: (table) =>
          parts.traffic.apply(table).catch((error: unknown) => {
            const { mirror, ...routes } = table;
            if (mirror === undefined) throw error;
            const share = { candidate: mirror.backends, candidateWeight: mirror.share };
            return parts.traffic.apply({ ...routes, ...share });
          }),
      },
    }),
  },
];
