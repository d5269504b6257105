import type { Plant } from './plant.ts';
import { afterUnansweredAppend, withCommands, withCore, withEvents } from './planted-core.ts';

/** Bugs that roll out again what was just taken back. */
export const againstIncidentsBlock: readonly Plant[] = [
  {
    law: 8,
    name: 'opens-no-incident',
    bug: 'A release that was taken back leaves no incident.',
    wire: (parts) => withEvents(parts, (event) => (event.type === 'IncidentOpened' ? [] : [event])),
  },
  {
    law: 8,
    name: 'asks-nobody-about-incidents',
    bug: 'A request is not told which incidents are open.',
    wire: (parts) =>
      withCommands(parts, (command) =>
        command.type === 'RequestRollout' ? { ...command, blockedBy: [] } : command,
      ),
  },
  {
    law: 8,
    name: 'queue-jumps-the-incident',
    bug: 'What waits in the queue begins although an incident was opened meanwhile.',
    wire: (parts) =>
      withCore(parts, ({ decide }) => ({
        decide(state, command) {
          const jumps = state.queue.length > 0 && !command.type.endsWith('Incident');
          return decide(jumps ? { ...state, incidents: [] } : state, command);
        },
      })),
  },
  {
    law: 8,
    name: 'incident-kept-in-memory',
    bug: 'What is blocked is worked out after the incident was appended, and a restart does not do it again.',
    onlyAt: 'the append of IncidentOpened',
    wire: (parts) => afterUnansweredAppend(parts, 'IncidentOpened', (state) => ({ ...state, incidents: [] })),
  },
];
