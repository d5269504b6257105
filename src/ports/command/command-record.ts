import type { TimeMs } from '../../base/clock.ts';
import type { GroupLeader } from '../runtime/process-group.ts';
import type { CommandOutcome } from './port.ts';

/**
 * What is on disk about a command. It is written before the command may begin: without a record it never ran. `ending`
 * tells that the runner is about to end it, and why.
 */
export type CommandRecord =
  | {
      readonly kind: 'begun';
      readonly leader: GroupLeader;
      readonly startedAtMs: TimeMs;
      readonly timeoutMs: number;
      readonly ending: 'timeout' | 'cancel' | null;
    }
  | { readonly kind: 'ended'; readonly outcome: CommandOutcome };

export type BegunCommand = Extract<CommandRecord, { kind: 'begun' }>;

/** Of the output, how much is kept. */
export const keptOutputBytes = 65_536;
