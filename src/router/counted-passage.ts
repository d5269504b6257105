import type { TrafficLimits } from '../base/route-table.ts';
import { plainAnswer } from './answers.ts';
import type { Arm } from './arm.ts';
import type { BackendState } from './backend-state.ts';
import type { Passage, Sent, Settlement } from './engine.ts';
import { isBad, type Outcome, statusClass } from './instance-counter.ts';
import type { MirrorPair } from './mirror-pair.ts';
import type { RequestLog } from './request-log.ts';
import {
  type ArmRole,
  type Asked,
  afterAttempt,
  isSafe,
  isShielded,
  type ShieldRules,
  type StandIn,
} from './shield.ts';
import type { Place } from './target-counters.ts';
import { type HeaderField, versionFields } from './version-fields.ts';

/** What a passage needs of its target. */
export interface PassageHome {
  readonly limits: TrafficLimits;
  readonly rules: ShieldRules;
  /** Null: off. */
  readonly log: RequestLog | null;
  monotonicMs(): number;
  /** An instance of the table in force, by the request's own standing; null when there is none. */
  chooseAgain(): Chosen | null;
  /** An instance of the other version that may answer in place of what was tried; null when none may. */
  standIn(kind: StandIn, tried: Tried, rules: ShieldRules): Chosen | null;
  /** How long the candidate has for a request that may be shielded; infinity where nothing is known. */
  shieldAfterMs(place: Place, rules: ShieldRules): number;
  /** Whether the shield would find an instance and has budget now. */
  mayShield(tried: Tried, rules: ShieldRules): boolean;
  refusedBy(state: BackendState): void;
  count(state: BackendState, place: Place, outcome: Outcome): void;
  countUnserved(): void;
}

export interface Tried {
  readonly role: ArmRole;
  readonly generation: string;
}

export interface Chosen {
  readonly arm: Arm;
  readonly state: BackendState;
}

const nothingAdded: readonly HeaderField[] = [];
const notFound: Settlement = { kind: 'answer', answer: plainAnswer(404, 'There is nothing here.') };

/**
 * One request and the instance that has it. It is counted once: for the instance whose head came, that failed, or that
 * refused the connection. A refused request moves to another instance (of the same arm while it has one), and what becomes of it there is
 * not counted: it stands as a bad one of the instance that refused, and users are served all the same. The same goes for
 * a stand-in of the other version; the instance that failed is told that its user is answered elsewhere.
 */
export class CountedPassage implements Passage {
  readonly limits: TrafficLimits;
  #setCookie: string | null;
  #namesVersion: boolean;
  #home: PassageHome;
  #place: Place;
  #asked: Asked;
  #pair: MirrorPair | null;
  #arm: Arm;
  #state: BackendState;
  #address: string;
  #tried: Set<BackendState> | null = null;
  #startedMs: number;
  #counted = false;
  #outcome: number | 'failed' | null = null;
  #standsIn: StandIn | null = null;
  #chooseAgain: () => Chosen | null;
  /** Where the request was counted as bad. */
  #failedOn: BackendState | null = null;
  /** Nobody can answer in place of the candidate, so it has all of its time. */
  #patient = false;
  #shielded = false;
  #good = false;
  #cut: (() => void) | null = null;

  constructor(
    home: PassageHome,
    request: {
      readonly slot: number;
      readonly asked: Asked;
      /** A cookie for the client that keeps it on its side. */
      readonly setCookie: string | null;
      readonly namesVersion: boolean;
      /** The copy of it that was sent. */
      readonly pair: MirrorPair | null;
    },
    chosen: Chosen,
  ) {
    this.#home = home;
    this.#chooseAgain = home.chooseAgain;
    this.limits = home.limits;
    this.#setCookie = request.setCookie;
    this.#namesVersion = request.namesVersion;
    this.#asked = request.asked;
    this.#pair = request.pair;
    this.#place = { slot: request.slot, method: request.asked.method, path: request.asked.path };
    this.#arm = chosen.arm;
    this.#state = chosen.state;
    this.#address = chosen.state.backend.address;
    this.#startedMs = home.monotonicMs();
    chosen.state.inFlight.add(this);
  }

  get address(): string {
    return this.#address;
  }

  get headMs(): number {
    const { upstreamHeadMs } = this.limits;
    const { role } = this.#arm;
    if (role === 'stable' || this.#patient) return upstreamHeadMs;
    const { rules } = this.#home;
    if (!isShielded(this.#asked, role, this.#standsIn, rules)) return upstreamHeadMs;
    return Math.min(upstreamHeadMs, this.#home.shieldAfterMs(this.#place, rules));
  }

  get added(): readonly HeaderField[] {
    if (this.#setCookie === null && !this.#namesVersion) return nothingAdded;
    return [
      ...(this.#setCookie === null ? [] : [['Set-Cookie', this.#setCookie] as const]),
      ...(this.#namesVersion ? versionFields(this.#origin(), this.#shielded) : []),
    ];
  }

  late(): number {
    const waitedMs = this.headMs;
    const { upstreamHeadMs } = this.limits;
    if (waitedMs >= upstreamHeadMs || this.#home.mayShield(this.#attempted(), this.#home.rules)) return 0;
    this.#patient = true;
    return upstreamHeadMs - waitedMs;
  }

  confirm(): boolean {
    if (this.#state.named && this.#state.backend.address === this.#address) return true;
    const chosen = this.#chooseAgain();
    if (chosen !== null) {
      this.#moveTo(chosen);
      return true;
    }
    this.#unshielded();
    if (!this.#counted) this.#home.countUnserved();
    return false;
  }

  refused(): boolean {
    if (!this.#state.named || this.#state.backend.address !== this.#address) return this.confirm();
    this.#home.refusedBy(this.#state);
    this.#count('error', null);
    this.#tried ??= new Set();
    this.#tried.add(this.#state);
    this.#unshielded();
    const next = this.#arm.take(this.#tried);
    const chosen = next === null ? this.#chooseAgain() : { arm: this.#arm, state: next };
    if (chosen === null || this.#tried.has(chosen.state)) return false;
    this.#moveTo(chosen);
    return true;
  }

  answered(status: number): void {
    const kind = statusClass(status);
    this.#outcome = status;
    this.#good = !this.#counted && !isBad(kind);
    if (isBad(kind)) this.#unshielded();
    this.#count(kind, this.#asked.upgrade ? null : this.#elapsedMs());
  }

  failed(): void {
    this.#outcome = 'failed';
    this.#unshielded();
    this.#count('error', null);
  }

  settle(): Settlement {
    const attempt = { arm: this.#arm.role, outcome: this.#outcome, standIn: this.#standsIn };
    const next = afterAttempt(this.#asked, attempt, this.#home.rules);
    if (next === 'pass') return { kind: 'pass' };
    if (next === 'not-found') return notFound;
    const tried = this.#attempted();
    const find = () => this.#home.standIn(next, tried, this.#home.rules);
    const chosen = find();
    if (chosen === null) return { kind: 'pass' };
    this.#standsIn = next;
    this.#chooseAgain = find;
    this.#moveTo(chosen);
    return { kind: 'again' };
  }

  broken(): void {
    if (!this.#good) return;
    this.#good = false;
    this.#state.counter.countLate(isSafe(this.#asked.method));
  }

  abandoned(): void {
    if (this.#counted) return;
    this.#counted = true;
    this.#pair?.abandoned();
    this.#state.counter.abandon(this.#elapsedMs());
  }

  ended({ status, bytes }: Sent): void {
    this.#state.leave(this);
    this.#home.log?.add({
      method: this.#asked.method,
      path: this.#asked.path,
      status,
      bytes,
      durationMs: this.#elapsedMs(),
      answeredBy: this.#origin(),
      shielded: this.#shielded,
    });
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
    if (isBad(status)) this.#failedOn = this.#state;
    if (this.#pair !== null) this.#tellPair(this.#pair, latencyMs);
    this.#home.count(this.#state, this.#place, {
      status,
      safe: isSafe(this.#asked.method),
      latencyMs,
    });
  }

  /** A request that a newer table moved to the candidate is not what its copy was made of. */
  #tellPair(pair: MirrorPair, latencyMs: number | null): void {
    const status = typeof this.#outcome === 'number' ? this.#outcome : null;
    if (this.#arm.role === 'stable') pair.original({ status, latencyMs });
  }

  #unshielded(): void {
    if (this.#shielded) this.#failedOn?.counter.shield(-1);
    this.#shielded = false;
  }

  #moveTo({ arm, state }: Chosen): void {
    const before = this.#state;
    this.#arm = arm;
    this.#state = state;
    this.#address = state.backend.address;
    this.#outcome = null;
    if (!this.#shielded) this.#failedOn?.counter.shield(1);
    this.#shielded = this.#failedOn !== null;
    state.inFlight.add(this);
    if (before !== state) before.leave(this);
  }

  #origin() {
    const { instance, version = null } = this.#state.backend;
    return { version, instance, arm: this.#arm.role };
  }

  #attempted(): Tried {
    return { role: this.#arm.role, generation: this.#state.backend.generation };
  }

  #elapsedMs(): number {
    return this.#home.monotonicMs() - this.#startedMs;
  }
}
