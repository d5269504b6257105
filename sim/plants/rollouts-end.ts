import { currentStep } from '../../src/rollout/state.ts';
import type { Plant } from './plant.ts';
import { afterUnansweredAppend, withActions, withEvents, withJournal } from './planted-core.ts';

/** Bugs that leave rollouts, people and instances waiting for nobody. */
export const againstRolloutsEnd: readonly Plant[] = [
  {
    law: 7,
    name: 'forgets-the-queue',
    bug: 'The end of a rollout does not begin the next one of the queue.',
    wire: (parts) =>
      withEvents(parts, (event, command) =>
        event.type === 'RolloutRequested' && command.type !== 'RequestRollout' ? [] : [event],
      ),
  },
  {
    law: 7,
    name: 'abort-waits-for-the-router',
    bug: 'An abort is written down only when what it asks for was tried.',
    wire: (parts, { life }) =>
      withJournal(parts, {
        async append(stream, version, events, options) {
          if (events.some(({ type }) => type === 'GoingBackStarted')) await life.wait(1_500);
          return parts.journal.append(stream, version, events, options);
        },
      }),
  },
  {
    law: 7,
    name: 'leaves-the-retired-running',
    bug: 'What has drained is not stopped while another rollout runs, and nobody looks again.',
    wire(parts) {
      const left = new Set<string>();
      return withActions(parts, (actions, { rollout }) =>
        actions.filter(({ type, id }) => {
          if (type === 'stop-instance' && rollout?.phase === 'forward') left.add(id);
          return !left.has(id);
        }),
      );
    },
  },
  {
    law: 7,
    name: 'runs-a-command-once',
    bug: 'A command whose answer was lost is waited for and never asked for again.',
    onlyAt: 'commands.run',
    wire: (parts) => ({
      ...parts,
      commands: {
        ...parts.commands,
        run: (run) => parts.commands.run(run).catch(() => new Promise(() => {})),
      },
    }),
  },
  {
    law: 7,
    name: 'takes-begun-for-running',
    bug: 'A command whose step was started before a restart is taken to be running.',
    onlyAt: 'the append of StepStarted for a command',
    wire(parts) {
      let running: number | null = null;
      const planted = afterUnansweredAppend(parts, 'StepStarted', (state) => {
        running = currentStep(state.rollout)?.type === 'command' ? state.version : null;
        return state;
      });
      return withActions(planted, (actions, { version }) =>
        actions.filter(({ type }) => type !== 'run-command' || version !== running),
      );
    },
  },
];
