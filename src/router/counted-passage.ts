import type { TrafficLimits } from '../base/route-table.ts';
import type { Arm } from './arm.ts';
import type { BackendState } from './backend-state.ts';
import type { Passage } from './engine.ts';
import { isBad, type Outcome, statusClass } from './instance-counter.ts';
import type { Place } from './target-counters.ts';

/** What a passage needs of its target. */
export interface PassageHome {
  readonly limits: TrafficLimits;
  monotonicMs(): number;
  /** An instance of the table in force, by the request's own standing; null when there is none. */
  chooseAgain(): { readonly arm: Arm; readonly state: BackendState } | null;
  refusedBy(state: BackendState): void;
  count(state: BackendState, place: Place, outcome: Outcome): void;
  countUnserved(): void;
}

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * One request and the instance that has it. It is counted once: for the instance whose head came, that failed, or that
 * refused the connection. A refused request moves to another instance (of the same arm while it has one), and what becomes of it there is
 * not counted: it stands as a bad one of the instance that refused, and users are served all the same.
 */
export class CountedPassage implements Passage {
  readonly limits: TrafficLimits;
  readonly setCookie: string | null;
  #home: PassageHome;
  #place: Place;
  #upgrade: boolean;
  #arm: Arm;
  #state: BackendState;
  #address: string;
  #tried: Set<BackendState> | null = null;
  #startedMs: number;
  #counted = false;
  #good = false;
  #cut: (() => void) | null = null;

  constructor(
    home: PassageHome,
    request: { readonly place: Place; readonly upgrade: boolean; readonly setCookie: string | null },
    chosen: { readonly arm: Arm; readonly state: BackendState },
  ) {
    this.#home = home;
    this.limits = home.limits;
    this.setCookie = request.setCookie;
    this.#place = request.place;
    this.#upgrade = request.upgrade;
    this.#arm = chosen.arm;
    this.#state = chosen.state;
    this.#address = chosen.state.backend.address;
    this.#startedMs = home.monotonicMs();
    chosen.state.inFlight.add(this);
  }

  get address(): string {
    return this.#address;
  }

  confirm(): boolean {
    if (this.#state.named && this.#state.backend.address === this.#address) return true;
    const chosen = this.#home.chooseAgain();
    if (chosen !== null) {
      this.#moveTo(chosen.arm, chosen.state);
      return true;
    }
    if (!this.#counted) this.#home.countUnserved();
    return false;
  }

  refused(): boolean {
    if (!this.#state.named || this.#state.backend.address !== this.#address) return this.confirm();
    this.#home.refusedBy(this.#state);
    this.#count('error', null);
    this.#tried ??= new Set();
    this.#tried.add(this.#state);
    const next = this.#arm.take(this.#tried);
    const chosen = next === null ? this.#home.chooseAgain() : { arm: this.#arm, state: next };
    if (chosen === null || this.#tried.has(chosen.state)) return false;
    this.#moveTo(chosen.arm, chosen.state);
    return true;
  }

  answered(status: number): void {
    const kind = statusClass(status);
    this.#good = !this.#counted && !isBad(kind);
    this.#count(kind, this.#upgrade ? null : this.#elapsedMs());
  }

  failed(): void {
    this.#count('error', null);
  }

  broken(): void {
    if (!this.#good) return;
    this.#good = false;
    this.#state.counter.countLate(safeMethods.has(this.#place.method));
  }

  abandoned(): void {
    if (this.#counted) return;
    this.#counted = true;
    this.#state.counter.abandon(this.#elapsedMs());
  }

  ended(): void {
    this.#state.leave(this);
  }

  onCut(cut: () => void): void {
    this.#cut = cut;
  }

  cut(): void {
    this.#cut?.();
  }

  #count(status: Outcome['status'], latencyMs: number | null): void {
    if (this.#counted) return;
    this.#counted = true;
    this.#home.count(this.#state, this.#place, {
      status,
      safe: safeMethods.has(this.#place.method),
      latencyMs,
    });
  }

  #moveTo(arm: Arm, state: BackendState): void {
    const before = this.#state;
    this.#arm = arm;
    this.#state = state;
    this.#address = state.backend.address;
    state.inFlight.add(this);
    if (before !== state) before.leave(this);
  }

  #elapsedMs(): number {
    return this.#home.monotonicMs() - this.#startedMs;
  }
}
