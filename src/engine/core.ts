import { decide } from '../rollout/decide.ts';
import { evolve } from '../rollout/evolve.ts';
import { pendingActions } from '../rollout/pending-actions.ts';

/** The pure rules that a loop follows. Handed in, so that the simulator can show that it notices wrong ones. */
export interface Core {
  readonly decide: typeof decide;
  readonly evolve: typeof evolve;
  readonly pendingActions: typeof pendingActions;
}

export const rolloutCore: Core = { decide, evolve, pendingActions };
