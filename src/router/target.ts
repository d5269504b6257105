import type { Clock } from '../base/clock.ts';
import type { TrafficCounts } from '../base/counts.ts';
import type { TargetId } from '../base/ids.ts';
import type { Backend, RouteTable } from '../base/route-table.ts';
import type { SharedWakes } from '../base/shared-wakes.ts';
import { standingOf } from './affinity.ts';
import { bodyTooLarge, headTooLarge, maintenancePage, unavailable } from './answers.ts';
import { Arm } from './arm.ts';
import { BackendState } from './backend-state.ts';
import { type Chosen, CountedPassage, type PassageHome, type Tried } from './counted-passage.ts';
import type { Answer, Decision, RequestHead } from './engine.ts';
import { HeadTimes } from './head-times.ts';
import { Health } from './health.ts';
import { isBad, type Outcome } from './instance-counter.ts';
import { compileRules, type Matcher } from './match-rule.ts';
import { Mirror } from './mirror.ts';
import { MirrorSender } from './mirror-sender.ts';
import { PauseGate } from './pause-gate.ts';
import { type AccessLogs, RequestLog } from './request-log.ts';
import type { ArmRole, ShieldRules, StandIn } from './shield.ts';
import { ShieldBudget } from './shield-budget.ts';
import { type CountsReport, otherRoutes, type Place, TargetCounters } from './target-counters.ts';

export interface TargetTools {
  readonly clock: Clock;
  readonly wakes: SharedWakes;
  readonly random: () => number;
  readonly logs: AccessLogs;
}

/** How much slower than the slowest of stable the candidate may be before stable answers instead. */
const patience = 10;
const leastPatienceMs = 1_000;

/** What a router tells the one that takes over of a target. */
export interface TargetReport extends CountsReport {
  readonly target: TargetId;
  /** Instances that get nothing because they are dead or sick. */
  readonly out: readonly string[];
}

/** One target as the router serves it: its table, its instances, what it holds and what it counted. */
export class Target {
  #tools: TargetTools;
  #table: RouteTable;
  #matches: Matcher | null = null;
  #stable = new Arm('stable', []);
  #candidate = new Arm('candidate', []);
  #rules: ShieldRules = { shield: null, assets: [] };
  #budget = new ShieldBudget();
  #headTimes = new HeadTimes();
  /** The named instances, and those that still have requests in flight. */
  #states = new Map<string, BackendState>();
  #counters = new TargetCounters();
  #health: Health;
  #gate: PauseGate;
  #log: RequestLog | null = null;
  /** Null: nothing is copied. */
  #mirror: Mirror | null = null;
  #sender: MirrorSender;
  /** What the router before this one said last. */
  #elder: TargetReport | undefined;
  #elderInFlight = new Map<string, number>();

  /** `elder`: what the router that hands over to this one counted and saw. */
  constructor(table: RouteTable, tools: TargetTools, elder?: TargetReport) {
    this.#tools = tools;
    this.#table = table;
    this.#health = new Health(tools.clock, tools.wakes);
    this.#gate = new PauseGate(tools.clock);
    this.#sender = new MirrorSender(tools.clock);
    // First, so that its generations are the older ones.
    if (elder !== undefined) this.absorb(elder);
    this.apply(table);
    for (const instance of elder?.out ?? []) this.#states.get(instance)?.markOut();
  }

  get table(): RouteTable {
    return this.#table;
  }

  /** All requests after this call meet the new table. */
  apply(table: RouteTable): void {
    const matches = compileRules(table.match);
    for (const state of this.#states.values()) state.named = false;
    const arm = (role: ArmRole) =>
      new Arm(
        role,
        table[role].map((backend) => this.#name(backend)),
      );
    this.#stable = arm('stable');
    this.#candidate = arm('candidate');
    this.#table = table;
    this.#rules = { shield: table.shield ?? null, assets: table.assets ?? [] };
    this.#matches = matches;
    const accessLog = table.edge?.accessLog;
    this.#log = accessLog === undefined ? null : new RequestLog(table.target, accessLog, this.#tools);
    for (const [instance, state] of this.#states) {
      if (!state.named && state.inFlight.size === 0) this.#states.delete(instance);
    }
    this.#health.watch([...this.#stable.backends, ...this.#candidate.backends], table.probe);
    this.#applyMirror(table);
    if (table.mode !== 'pause') this.#gate.release();
  }

  decide(head: RequestHead): Decision {
    const decision = this.#decide(head);
    if (decision.kind === 'answer') this.#logOwn(head, decision.answer);
    return decision;
  }

  #decide(head: RequestHead): Decision {
    const { limits, mode } = this.#table;
    if (head.headBytes > limits.headBytes) return { kind: 'answer', answer: headTooLarge };
    if (limits.bodyBytes > 0 && (head.bodyBytes ?? 0) > limits.bodyBytes) {
      return { kind: 'answer', answer: bodyTooLarge };
    }
    if (mode === 'maintenance') return this.#unserved(maintenancePage());
    return mode === 'pause' ? this.#hold(head) : this.#forward(head);
  }

  state(instance: string): BackendState | undefined {
    return this.#states.get(instance);
  }

  /** Where the instances listen that this target names. */
  addresses(): readonly string[] {
    return [...this.#stable.backends, ...this.#candidate.backends].map(({ backend }) => backend.address);
  }

  counts(epoch: string): TrafficCounts {
    return this.#counters.read({
      epoch,
      at: this.#tools.clock.now(),
      inFlight: (instance) =>
        (this.#states.get(instance)?.inFlight.size ?? 0) + (this.#elderInFlight.get(instance) ?? 0),
    });
  }

  /** For the router that takes over. `leaving`: it does, or is about to. */
  report(epoch: string, leaving: boolean): TargetReport {
    this.#counters.leavesLate = leaving;
    const out = [...this.#states].flatMap(([instance, state]) => (state.out ? [instance] : []));
    return { target: this.#table.target, out, ...this.#counters.report(this.counts(epoch)) };
  }

  /** What the router before this one has counted by now. */
  absorb(report: TargetReport): void {
    this.#counters.absorb(report, this.#elder);
    this.#elder = report;
    this.#elderInFlight = new Map(
      report.counts.instances.map(({ instance, inFlight }) => [instance, inFlight]),
    );
  }

  /** The router before this one is gone, with what it had in flight. */
  elderEnded(): void {
    this.#elderInFlight.clear();
  }

  /** Nothing is held, probed or copied any more. */
  close(): void {
    this.#health.close();
    this.#mirror = null;
    this.#sender.close();
    this.#gate.expire();
  }

  #applyMirror({ mirror, limits }: RouteTable): void {
    this.#sender.keep(new Set(mirror?.backends.map(({ address }) => address)));
    if (mirror === undefined) {
      this.#mirror = null;
      return;
    }
    const headMs = limits.upstreamHeadMs;
    const { random } = this.#tools;
    this.#mirror = new Mirror(mirror, { sender: this.#sender, counters: this.#counters, random, headMs });
  }

  #name(backend: Backend): BackendState {
    const known = this.#states.get(backend.instance);
    if (known !== undefined) {
      known.renew(backend);
      return known;
    }
    const state = new BackendState(backend, this.#counters.open(backend));
    this.#states.set(backend.instance, state);
    return state;
  }

  #hold(head: RequestHead): Decision {
    const { pauseMs, pausedRequests } = this.#table.limits;
    const hold = this.#gate.hold({
      waitMs: pauseMs,
      most: pausedRequests,
      decide: () => this.decide(head),
      expire: () => {
        const answer = unavailable();
        this.#logOwn(head, answer);
        return this.#unserved(answer);
      },
    });
    return hold === null ? this.#unserved(unavailable()) : { kind: 'hold', hold };
  }

  #forward(head: RequestHead): Decision {
    if (this.#rules.shield !== null) this.#budget.saw(this.#tools.clock.monotonicMs());
    const standing = standingOf(this.#table.affinity, head, this.#tools.random);
    const choose = () => this.#choose(head, standing.position);
    const chosen = choose();
    if (chosen === null) return this.#unserved(unavailable());
    const { method, path, upgrade, bodyBytes } = head;
    const asked = { method, path, upgrade, hasBody: bodyBytes !== 0 };
    const { slot, setCookie } = standing;
    const { nameVersion = 'on-demand' } = this.#table.edge ?? {};
    const namesVersion = nameVersion === 'always' || (nameVersion === 'on-demand' && head.asksVersion);
    const pair = chosen.arm.role === 'stable' ? (this.#mirror?.copy(head) ?? null) : null;
    const request = { slot, asked, setCookie, namesVersion, pair };
    const passage = new CountedPassage(this.#home(choose), request, chosen);
    return { kind: 'forward', passage };
  }

  #choose(head: RequestHead, position: number): Chosen | null {
    const { candidateWeight } = this.#table;
    const toCandidate = position < candidateWeight || this.#matches?.(head) === true;
    const [first, second] = toCandidate ? [this.#candidate, this.#stable] : [this.#stable, this.#candidate];
    const state = first.take();
    if (state !== null) return { arm: first, state };
    // With weight 0 the candidate is not open to users whom no rule names, not even while stable is down.
    if (!toCandidate && candidateWeight === 0) return null;
    const other = second.take();
    return other === null ? null : { arm: second, state: other };
  }

  /** By the table in force, which may be another than the one under whose rules the request came. */
  #standIn(kind: StandIn, tried: Tried, { shield }: ShieldRules): Chosen | null {
    const arm = this.#other(tried);
    const state = arm?.take() ?? null;
    if (arm === null || state === null) return null;
    const nowMs = this.#tools.clock.monotonicMs();
    if (kind === 'shield' && !this.#budget.take(nowMs, shield?.budgetPercent ?? 0)) return null;
    return { arm, state };
  }

  /** The version that may answer instead. */
  #other(tried: Tried): Arm | null {
    const { candidateWeight, match, mode } = this.#table;
    if (mode !== 'serve') return null;
    const arm = tried.role === 'candidate' ? this.#stable : this.#candidate;
    // After a promotion the same version stands on the other side.
    if (arm.backends.some(({ backend }) => backend.generation === tried.generation)) return null;
    return arm.role === 'candidate' && candidateWeight === 0 && match.length === 0 ? null : arm;
  }

  #mayShield(tried: Tried, { shield }: ShieldRules): boolean {
    const usable = this.#other(tried)?.backends.some(({ out }) => !out) === true;
    return usable && this.#budget.allows(this.#tools.clock.monotonicMs(), shield?.budgetPercent ?? 0);
  }

  #shieldAfterMs(place: Place, { shield }: ShieldRules): number {
    const { headMs = Number.POSITIVE_INFINITY } = shield ?? {};
    if (headMs !== 'auto') return headMs;
    const slowestMs = this.#headTimes.slowestMs(this.#counters.route(place));
    return slowestMs === null ? Number.POSITIVE_INFINITY : Math.max(leastPatienceMs, patience * slowestMs);
  }

  #count(state: BackendState, place: Place, outcome: Outcome): void {
    const mirrored = this.#mirror !== null && this.#stable.backends.includes(state);
    const beside = mirrored ? this.#mirror?.counters : undefined;
    const route = this.#counters.count(state.counter, place, outcome, beside);
    const { latencyMs, status } = outcome;
    if (this.#rules.shield?.headMs !== 'auto' || latencyMs === null || isBad(status)) return;
    // Routes beyond the bound have nothing to do with each other.
    if (route === null || route === otherRoutes || !this.#stable.backends.includes(state)) return;
    this.#headTimes.saw(route, latencyMs);
  }

  #home(chooseAgain: PassageHome['chooseAgain']): PassageHome {
    return {
      limits: this.#table.limits,
      rules: this.#rules,
      log: this.#log,
      monotonicMs: () => this.#tools.clock.monotonicMs(),
      chooseAgain,
      standIn: (kind, tried, rules) => this.#standIn(kind, tried, rules),
      shieldAfterMs: (place, rules) => this.#shieldAfterMs(place, rules),
      mayShield: (tried, rules) => this.#mayShield(tried, rules),
      refusedBy: (state) => this.#health.refused(state),
      count: (state, place, outcome) => this.#count(state, place, outcome),
      countUnserved: () => {
        this.#counters.unserved += 1;
      },
    };
  }

  /** What no instance had a part in. */
  #logOwn({ method, path }: RequestHead, { status, body }: Answer): void {
    if (this.#log === null) return;
    const bytes = method === 'HEAD' ? 0 : Buffer.byteLength(body);
    this.#log.add({ method, path, status, bytes, durationMs: 0, answeredBy: null, shielded: false });
  }

  #unserved(answer: Answer): Decision {
    this.#counters.unserved += 1;
    return { kind: 'answer', answer };
  }
}
