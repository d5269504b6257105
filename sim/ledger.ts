import type { Routes } from '../src/base/route-table.ts';
import type { JournalEvent } from '../src/journal/journal.ts';
import type { RolloutEvent } from '../src/rollout/event.ts';
import type { PlanStep, RolloutPlan } from '../src/rollout/plan.ts';

/** The rollout that has the floor, as its events tell. */
export interface LedgerRollout {
  readonly id: string;
  readonly unit: string | null;
  readonly by: string;
  /** The earlier rollout whose release comes back; null for a deployment. */
  readonly backTo: string | null;
  plan: RolloutPlan | null;
  phase: 'verifying' | 'forward' | 'back';
  index: number;
  started: boolean;
  stepStartedAtMs: number;
  wentBackAtMs: number;
  hadTraffic: boolean;
  promoted: boolean;
  readonly approvals: Set<string>;
}

/** What the journal says, folded once more and in another way than the product does it, so that both must be wrong to agree. */
export class Ledger {
  rollout: LedgerRollout | null = null;
  stable: string | null = null;
  readonly plans = new Map<string, RolloutPlan>();
  readonly approvals = new Map<string, Set<string>>();
  /** Generation → wall clock until which its instances stay warm. */
  readonly warmUntil = new Map<string, number>();
  /** Generations whose window is over. */
  readonly expired = new Set<string>();
  readonly openIncidents = new Set<string>();
  /** Instance → since when (ms of the world) the journal knows it as ready; undefined when it does not. */
  readonly readySince = new Map<string, number>();
  readonly everReady = new Set<string>();
  readonly endings = new Map<string, string>();
  readonly queued = new Set<string>();
  readonly routes = new Map<number, Routes>();
  /** Instances that a rollback took from what was warm, by whose they are now. */
  readonly owners = new Map<string, string>();
  readonly #taken = new Map<string, readonly string[]>();
  /** Instance → the first table version without it. */
  readonly retired = new Map<string, number>();
  /** Instances that were retired because their release's place was given up first. */
  readonly retiredByRecreate = new Set<string>();
  highestAcknowledged = 0;
  pausedBy: string | null = null;

  fold({ type, data }: JournalEvent, nowMs: number): void {
    const event = { type, ...(data as object) } as RolloutEvent;
    this.#foldTarget(event, nowMs);
    if (this.rollout !== null) foldRollout(this.rollout, event, nowMs);
  }

  step(): PlanStep | null {
    const { rollout } = this;
    if (rollout === null || rollout.plan === null) return null;
    return (rollout.phase === 'back' ? rollout.plan.backSteps : rollout.plan.steps)[rollout.index] ?? null;
  }

  #foldTarget(event: RolloutEvent, nowMs: number): void {
    switch (event.type) {
      case 'RolloutRequested':
        this.rollout = beginning(event);
        this.approvals.set(event.rollout, this.rollout.approvals);
        this.queued.delete(event.rollout);
        break;
      case 'RolloutQueued':
        this.queued.add(event.rollout);
        break;
      case 'RolloutPlanned':
        this.plans.set(event.plan.rollout, event.plan);
        break;
      case 'RolloutEnded':
        if (this.rollout !== null) this.endings.set(this.rollout.id, event.ending);
        this.rollout = null;
        this.pausedBy = null;
        break;
      case 'ReleasePromoted':
        if (this.stable !== null) this.warmUntil.set(this.stable, event.warmUntil);
        this.stable = event.rollout;
        break;
      case 'StandbyAdopted':
        this.#adopt(event.from, event.rollout);
        break;
      case 'StandbyReturned':
        this.#giveBack(event.rollout, event.to);
        break;
      case 'InstancesRequested':
        for (const instance of event.instances) this.retired.delete(instance);
        break;
      case 'InstanceStopped':
        this.readySince.delete(event.instance);
        break;
      case 'StandbyExpired':
        this.expired.add(event.rollout);
        break;
      case 'InstanceObserved':
        this.#instance(event.instance, event.status === 'ready', nowMs);
        break;
      case 'RoutesRequested':
        this.routes.set(event.routes.version, event.routes);
        break;
      case 'InstanceRetired':
        this.retired.set(event.instance, event.afterVersion);
        if (this.rollout?.plan?.strategy.kind === 'recreate') this.retiredByRecreate.add(event.instance);
        break;
      case 'RoutesAcknowledged':
        this.highestAcknowledged = Math.max(this.highestAcknowledged, event.version);
        break;
      case 'RolloutPaused':
        this.pausedBy = event.by;
        break;
      case 'RolloutResumed':
      case 'GoingBackStarted':
        this.pausedBy = null;
        break;
      case 'IncidentOpened':
        this.openIncidents.add(event.incident);
        break;
      case 'IncidentResolved':
        this.openIncidents.delete(event.incident);
        break;
      default:
    }
  }

  /** The rollout that an instance belongs to: the one that started it, or the rollback that took it. */
  ownerOf(instance: string): string {
    return this.owners.get(instance) ?? instance.slice(0, instance.lastIndexOf('-'));
  }

  #adopt(from: string, to: string): void {
    const taken = [...this.everReady].filter((instance) => this.ownerOf(instance) === from);
    this.#taken.set(to, taken);
    this.#hand(taken, from, to);
  }

  #giveBack(from: string, to: string): void {
    this.#hand(this.#taken.get(from) ?? [], from, to);
  }

  /** Whoever has the instances of a release has its rollback window with them. */
  #hand(instances: readonly string[], from: string, to: string): void {
    for (const instance of instances) this.owners.set(instance, to);
    const until = this.warmUntil.get(from);
    this.warmUntil.delete(from);
    if (until !== undefined) this.warmUntil.set(to, until);
  }

  #instance(instance: string, ready: boolean, nowMs: number): void {
    if (!ready) this.readySince.delete(instance);
    else if (!this.readySince.has(instance)) this.readySince.set(instance, nowMs);
    if (ready) this.everReady.add(instance);
  }
}

function beginning(event: Extract<RolloutEvent, { type: 'RolloutRequested' }>): LedgerRollout {
  return {
    id: event.rollout,
    unit: event.unit,
    by: event.by,
    backTo: event.backTo ?? null,
    plan: null,
    phase: 'verifying',
    index: 0,
    started: false,
    stepStartedAtMs: 0,
    wentBackAtMs: 0,
    hadTraffic: false,
    promoted: false,
    approvals: new Set(),
  };
}

function foldRollout(rollout: LedgerRollout, event: RolloutEvent, nowMs: number): void {
  switch (event.type) {
    case 'RolloutPlanned':
      rollout.plan = event.plan;
      rollout.phase = 'forward';
      break;
    case 'StepStarted': {
      rollout.index = event.index;
      rollout.started = true;
      rollout.stepStartedAtMs = nowMs;
      const step = rollout.phase === 'forward' ? rollout.plan?.steps[event.index] : undefined;
      if (step?.type === 'setWeight' && step.weightPercent > 0) rollout.hadTraffic = true;
      break;
    }
    case 'StepCompleted':
      rollout.index = event.index + 1;
      rollout.started = false;
      break;
    case 'GoingBackStarted':
      rollout.phase = 'back';
      rollout.index = 0;
      rollout.started = false;
      rollout.wentBackAtMs = nowMs;
      break;
    case 'ApprovalGiven':
      rollout.approvals.add(event.role);
      break;
    case 'ReleasePromoted':
      rollout.promoted = true;
      break;
    default:
  }
}
