import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { parseTargetId } from '../../base/ids.ts';
import { databasePath } from '../../journal/sqlite-database.ts';
import { allEvents } from '../../journal/sqlite-events.ts';
import type { RolloutEvent } from '../../rollout/event.ts';
import { evolve } from '../../rollout/evolve.ts';
import { emptyTarget, type TargetState } from '../../rollout/state.ts';

/** What the journal says, read from its file without a controller. */
export interface JournalStates {
  readonly targets: ReadonlyMap<string, TargetState>;
  /** Wall clock of the last event, milliseconds; null while there is none. */
  readonly lastAt: number | null;
}

/** Throws when the file cannot be read or an event does not fit: the check of the journal says why. */
export function journalStates(directory: string): JournalStates {
  const targets = new Map<string, TargetState>();
  let lastAt: number | null = null;
  if (!existsSync(databasePath(directory))) return { targets, lastAt };
  using database = new DatabaseSync(databasePath(directory), { readOnly: true, timeout: 2_000 });
  for (const { stream, type, data, at } of allEvents(database)) {
    lastAt = at;
    if (!stream.startsWith('target/')) continue;
    const name = stream.slice('target/'.length);
    const state = targets.get(name) ?? emptyTarget(parseTargetId(name));
    targets.set(name, evolve(state, { type, ...(data as object) } as RolloutEvent));
  }
  return { targets, lastAt };
}
