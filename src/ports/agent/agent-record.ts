import type { TimeMs } from '../../base/clock.ts';
import type { AgentOutcome } from './port.ts';

/** What is on disk about an agent's run. It is written before the run begins. */
export type AgentRecord =
  | { readonly kind: 'begun'; readonly how: 'command'; readonly startedAtMs: TimeMs }
  /** `commands`: ids of the commands that the model has run in the terminal, the one under way included. */
  | {
      readonly kind: 'begun';
      readonly how: 'model';
      readonly startedAtMs: TimeMs;
      readonly commands: readonly string[];
    }
  | { readonly kind: 'ended'; readonly outcome: AgentOutcome };

export type BegunAgent = Extract<AgentRecord, { kind: 'begun' }>;
