import type { Plant } from './plant.ts';
import { afterUnansweredAppend, withStates } from './planted-core.ts';

/** Bugs that keep the dead in the table, or name who is not there yet. */
export const againstTrueTables: readonly Plant[] = [
  {
    law: 5,
    name: 'hears-no-bad-news',
    bug: 'An instance that was ready once stays ready, whatever is observed of it.',
    wire: (parts) =>
      withStates(parts, (state, event, before) => {
        if (event.type !== 'InstanceObserved') return state;
        const known = before.instances[event.instance];
        if (known?.status !== 'ready') return state;
        return { ...state, instances: { ...state.instances, [event.instance]: known } };
      }),
  },
  {
    law: 5,
    name: 'names-what-was-asked-for',
    bug: 'Instances are in the table as soon as they were asked for.',
    wire: (parts) =>
      withStates(parts, (state, event) => {
        if (event.type !== 'InstancesRequested') return state;
        const instances = { ...state.instances };
        for (const id of event.instances) {
          const asked = instances[id];
          if (asked !== undefined) instances[id] = { ...asked, status: 'ready', address: '127.0.0.1:1' };
        }
        return { ...state, instances };
      }),
  },
  {
    law: 5,
    name: 'takes-the-dead-out-late',
    bug: 'Tables are sent with a delay, so that several changes share one.',
    wire: (parts, { life }) => ({
      ...parts,
      traffic: {
        ...parts.traffic,
        async apply(table) {
          await life.wait(2_500);
          return parts.traffic.apply(table);
        },
      },
    }),
  },
  {
    law: 5,
    name: 'takes-asked-for-as-there',
    bug: 'Instances that were asked for before a restart are taken to be ready.',
    onlyAt: 'the append of InstancesRequested',
    wire: (parts) =>
      afterUnansweredAppend(parts, 'InstancesRequested', (state) => {
        const instances = Object.values(state.instances).map((one) =>
          one.status === 'starting' ? { ...one, status: 'ready' as const, address: '127.0.0.1:1' } : one,
        );
        return { ...state, instances: Object.fromEntries(instances.map((one) => [one.id, one])) };
      }),
  },
];
