import type { Decision, RolloutCommand } from './command.ts';
import type { RolloutEvent } from './event.ts';

export type Answer = Decision<RolloutEvent>;

/** The commands of some types. */
export type Of<T extends RolloutCommand['type']> = Extract<RolloutCommand, { type: T }>;

export function decided(...events: RolloutEvent[]): Answer {
  return { kind: 'decided', events };
}

export function refused(code: string, message: string, remedy: string): Answer {
  return { kind: 'refused', code, message, remedy };
}
