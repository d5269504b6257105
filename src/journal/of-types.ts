import type { JournalEvent } from './journal.ts';

/** All of them where no types are given. */
export function ofTypes(
  events: readonly JournalEvent[],
  types: readonly string[] | undefined,
): readonly JournalEvent[] {
  return types === undefined ? events : events.filter(({ type }) => types.includes(type));
}
