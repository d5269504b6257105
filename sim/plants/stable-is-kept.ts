import { currentStep } from '../../src/rollout/state.ts';
import type { Plant } from './plant.ts';
import { afterUnansweredAppend, withActions, withCommands, withEvents } from './planted-core.ts';
import { isStableOf } from './which.ts';

/** Bugs that give up what users rely on, or could go back to. */
export const againstStableIsKept: readonly Plant[] = [
  {
    law: 2,
    name: 'keeps-nothing-warm',
    bug: 'A promotion promises no rollback window.',
    wire: (parts) =>
      withEvents(parts, (event, { at }) => [
        event.type === 'ReleasePromoted' ? { ...event, warmUntil: at } : event,
      ]),
  },
  {
    law: 2,
    name: 'stops-stable-when-the-soak-begins',
    bug: 'Stable is stopped as soon as the candidate has all the traffic.',
    wire: (parts) =>
      withActions(parts, (actions, state) => {
        const soaks = currentStep(state.rollout)?.type === 'soak' && state.rollout?.phase === 'forward';
        const stable = Object.values(state.instances).filter((one) => soaks && isStableOf(state, one));
        const stops = stable.map(({ id: instance }) => {
          return { id: `early-${instance}`, type: 'stop-instance', instance, deadlineMs: 0 } as const;
        });
        return [...actions, ...stops];
      }),
  },
  {
    law: 2,
    name: 'clock-runs-ahead',
    bug: 'What is due within five seconds is taken as due.',
    wire: (parts) =>
      withCommands(parts, (command) =>
        command.type === 'Tick' ? { ...command, at: command.at + 5_000 } : command,
      ),
  },
  {
    law: 2,
    name: 'window-kept-in-memory',
    bug: 'The rollback window is put in place after the promotion was appended, and a restart does not do it again.',
    onlyAt: 'the append of ReleasePromoted',
    wire: (parts) =>
      afterUnansweredAppend(parts, 'ReleasePromoted', (state) => ({
        ...state,
        standby: state.standby.map((one) => ({ ...one, warmUntil: 0 })),
      })),
  },
];
