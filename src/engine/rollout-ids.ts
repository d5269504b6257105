import type { Clock } from '../base/clock.ts';
import type { RolloutId } from '../base/ids.ts';

/** Gives each rollout of a controller its own id, such as `R-mg3k2f01`; later ones sort after earlier ones. */
export function rolloutIds(clock: Clock): () => RolloutId {
  return idsOf('R', clock) as () => RolloutId;
}

/** Gives each run of a workflow its own id, such as `W-mg3k2f01`. */
export function runIds(clock: Clock): () => string {
  return idsOf('W', clock);
}

function idsOf(letter: string, clock: Clock): () => string {
  let given = 0;
  return () => {
    given += 1;
    return `${letter}-${clock.now().toString(36)}${given.toString(36).padStart(2, '0')}`;
  };
}
