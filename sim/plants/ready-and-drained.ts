import type { Plant } from './plant.ts';
import { afterUnansweredAppend, withActions } from './planted-core.ts';

/** Bugs that send users to what is not ready, or cut them off. */
export const againstReadyAndDrained: readonly Plant[] = [
  {
    law: 4,
    name: 'takes-starting-for-ready',
    bug: 'An instance counts as ready once its process runs.',
    wire: (parts) => ({
      ...parts,
      runtime: {
        ...parts.runtime,
        async list() {
          const seen = await parts.runtime.list();
          return seen.map((one) =>
            one.status === 'starting'
              ? { ...one, status: 'ready', address: one.address ?? '127.0.0.1:1' }
              : one,
          );
        },
      },
    }),
  },
  {
    law: 4,
    name: 'stops-without-draining',
    bug: 'What is to be drained is stopped.',
    wire: (parts) =>
      withActions(parts, (actions) =>
        actions.map((action) =>
          action.type === 'drain-instance' ? { ...action, type: 'stop-instance', deadlineMs: 0 } : action,
        ),
      ),
  },
  {
    law: 4,
    name: 'drains-the-next-instance-too',
    bug: 'Everything that was retired is stopped as soon as one instance of it has drained.',
    wire: (parts) =>
      withActions(parts, (actions, state) => {
        const drained = actions.some(({ type }) => type === 'stop-instance');
        const retired = Object.values(state.instances).filter(({ retiredAt }) => retiredAt !== null);
        const stops = retired.map(({ id: instance }) => {
          return { id: `stop-${instance}`, type: 'stop-instance', instance, deadlineMs: 0 } as const;
        });
        return drained ? [...actions.filter(({ type }) => type !== 'stop-instance'), ...stops] : actions;
      }),
  },
  {
    law: 4,
    name: 'drain-kept-in-memory',
    bug: 'What was retired is drained by whoever retired it, and a restart takes it as done.',
    onlyAt: 'the append of InstanceRetired',
    wire: (parts) =>
      afterUnansweredAppend(parts, 'InstanceRetired', (state) => {
        const instances = Object.values(state.instances).map((one) =>
          one.retiredAt === null ? one : { ...one, drained: true },
        );
        return { ...state, instances: Object.fromEntries(instances.map((one) => [one.id, one])) };
      }),
  },
];
