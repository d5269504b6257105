import type { BackendState } from './backend-state.ts';
import type { ArmRole } from './shield.ts';

/**
 * The backends of one side. They are taken in turn, because taking the least busy one would send most requests to an
 * instance that fails at once; one that has clearly more in flight than the least busy is passed over, so that a slow or
 * hanging instance does not collect everything.
 */
export class Arm {
  readonly role: ArmRole;
  readonly backends: readonly BackendState[];
  #turn = 0;

  constructor(role: ArmRole, backends: readonly BackendState[]) {
    this.role = role;
    this.backends = backends;
  }

  /** Null when none is usable. `tried` ones are left out. */
  take(tried?: ReadonlySet<BackendState>): BackendState | null {
    const { backends } = this;
    let chosen: BackendState | null = null;
    let least = Number.POSITIVE_INFINITY;
    for (const state of backends) {
      if (!state.out && !tried?.has(state)) least = Math.min(least, state.inFlight.size);
    }
    for (let step = 0; step < backends.length; step += 1) {
      const state = backends[(this.#turn + step) % backends.length] as BackendState;
      if (state.out || tried?.has(state) || state.inFlight.size > 2 * least + 8) continue;
      chosen = state;
      this.#turn = (this.#turn + step + 1) % backends.length;
      break;
    }
    return chosen;
  }
}
