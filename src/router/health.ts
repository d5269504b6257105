import { canonicalJson } from '../base/canonical-json.ts';
import type { Clock } from '../base/clock.ts';
import type { ActiveProbe } from '../base/route-table.ts';
import type { SharedWakes, Turns } from '../base/shared-wakes.ts';
import type { BackendState } from './backend-state.ts';
import { type ProbeResult, probeHealth, probeListening } from './probe.ts';

/** A dead instance must be out within a second, whatever the interval of its health probe. */
const listeningMs = 900;
/** From this share of its interval on a probe may come: so that one of a second needs no other look in between. */
const dueFrom = 0.8;

/**
 * Watches the instances that a table names. An instance that refuses a connection (of a request or a probe) is out at
 * once; one whose health probe fails `failures` times in a row too. `successes` good probes in a row bring it back.
 */
export class Health {
  #clock: Clock;
  #wakes: SharedWakes;
  #watches = new Map<BackendState, Watch>();

  constructor(clock: Clock, wakes: SharedWakes) {
    this.#clock = clock;
    this.#wakes = wakes;
  }

  /** Watches exactly these from now on. */
  watch(states: readonly BackendState[], probe: ActiveProbe): void {
    const before = this.#watches;
    this.#watches = new Map();
    for (const state of states) {
      const kept = before.get(state);
      // A table that comes more often than the probe is due must not put the probe off for ever.
      if (kept?.isFor(probe) === true) {
        before.delete(state);
        this.#watches.set(state, kept);
        continue;
      }
      this.#watches.set(state, new Watch(this.#clock, this.#wakes, state, probe));
    }
    for (const watch of before.values()) watch.end();
  }

  /** A request was refused. */
  refused(state: BackendState): void {
    state.refusing = true;
    state.markOut();
  }

  close(): void {
    for (const watch of this.#watches.values()) watch.end();
    this.#watches.clear();
  }
}

class Watch {
  #clock: Clock;
  #state: BackendState;
  #probe: ActiveProbe;
  #turns: Turns;
  #ended = false;
  #probedMs: number;

  constructor(clock: Clock, wakes: SharedWakes, state: BackendState, probe: ActiveProbe) {
    this.#clock = clock;
    this.#state = state;
    this.#probe = probe;
    this.#turns = wakes.join(Math.min(probe.intervalMs, listeningMs));
    this.#probedMs = clock.monotonicMs();
    this.#schedule();
  }

  isFor(probe: ActiveProbe): boolean {
    return canonicalJson(this.#probe) === canonicalJson(probe);
  }

  end(): void {
    this.#ended = true;
    this.#turns.leave();
  }

  #schedule(): void {
    this.#turns.next(() => void this.#tick());
  }

  async #tick(): Promise<void> {
    const state = this.#state;
    const { address } = state.backend;
    const due = this.#clock.monotonicMs() - this.#probedMs >= dueFrom * this.#probe.intervalMs - 1;
    if (due || state.refusing) {
      this.#probedMs = this.#clock.monotonicMs();
      const result = await probeHealth(this.#clock, { address, ...this.#probe });
      if (!this.#ended) this.#judge(result);
    } else {
      const result = await probeListening(this.#clock, address);
      if (!this.#ended && result === 'refused') this.#judge(result);
    }
    this.#schedule();
  }

  #judge(result: ProbeResult): void {
    const state = this.#state;
    if (result === 'good') {
      state.failures = 0;
      state.refusing = false;
      state.successes += 1;
      if (state.successes >= this.#probe.successes) state.out = false;
      return;
    }
    state.successes = 0;
    state.failures += 1;
    if (result === 'refused') state.refusing = true;
    if (result === 'refused' || state.failures >= this.#probe.failures) state.markOut();
  }
}
