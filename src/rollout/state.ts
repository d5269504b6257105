import type { IncidentId, InstanceId, RolloutId, Target, UnitId } from '../base/ids.ts';
import type { InstanceStatus } from '../base/instance-status.ts';
import type { Release } from '../base/release.ts';
import type { Routes } from '../base/route-table.ts';
import type { Reason } from './ending.ts';
import type { Evidence } from './evidence.ts';
import type { GateResult } from './gate.ts';
import type { Paperwork } from './paperwork.ts';
import type { PlanStep, RolloutPlan } from './plan.ts';
import type { Waivers } from './waivers.ts';

/** Everything that is known of one service in one environment; the fold of its stream. */
export interface TargetState {
  readonly target: Target;
  /** Events folded so far: the version to append at. */
  readonly version: number;
  /** What users rely on; null before the first success. */
  readonly stable: Serving | null;
  /** Earlier releases whose instances are kept warm. */
  readonly standby: readonly Standby[];
  readonly rollout: Rollout | null;
  readonly queue: readonly RolloutRequest[];
  readonly instances: Readonly<Record<InstanceId, Instance>>;
  readonly routes: RoutesState;
  readonly incidents: readonly Incident[];
}

/** A release and the rollout that started its instances. */
export interface Serving {
  readonly rollout: RolloutId;
  readonly release: Release;
  /** Kept so that going back to it later knows how it was routed. */
  readonly plan: RolloutPlan;
}

export interface Standby extends Serving {
  /** Wall clock. */
  readonly warmUntil: number;
}

export interface RolloutRequest {
  readonly rollout: RolloutId;
  readonly unit: UnitId | null;
  readonly by: string;
  /** What somebody entitled set aside, with a reason. */
  readonly waivers?: Waivers;
  readonly paperwork?: Paperwork;
  /** A rollback names the earlier rollout whose release comes back. */
  readonly backTo?: RolloutId;
}

/** The rollout that has the floor. Before it is planned it has no steps. */
export type Rollout =
  | (RolloutRequest & { readonly phase: 'verifying' })
  | (RolloutRequest & Going & { readonly phase: 'forward' })
  | (RolloutRequest &
      Going & {
        readonly phase: 'back';
        readonly reason: Reason;
        readonly hadTraffic: boolean;
        /** The last step forward that was started; -1: none. */
        readonly reached: number;
        /** When the first step back began; null for the moment before it. */
        readonly backSince: number | null;
        readonly late: boolean;
      });

/** A cursor on the steps of a plan; on its back steps when the phase is `back`. */
export interface Going {
  readonly plan: RolloutPlan;
  readonly gates: readonly GateResult[];
  readonly index: number;
  /** False between a step's end and the next one's start. */
  readonly started: boolean;
  readonly stepStartedAt: number;
  readonly pausedBy: string | null;
  /** Given since the last step that asked for them. */
  readonly approvals: readonly { readonly role: string; readonly by: string }[];
  /** What the present step has observed so far. */
  readonly outcome: { readonly ok: boolean; readonly observed: string } | null;
  /** A person was asked to decide about the present step. */
  readonly asked: boolean;
  /** What was measured since the candidate was started. */
  readonly evidence: Evidence;
  /** The share asked for by the last `setWeight`, hundredths of a per cent. */
  readonly weight: number;
  readonly hadTraffic: boolean;
  readonly maintenance: boolean;
  /** What was kept warm until this rollback took it, with its instances; null when nothing was. */
  readonly adopted: (Standby & { readonly instances: readonly InstanceId[] }) | null;
}

export interface Instance {
  readonly id: InstanceId;
  readonly rollout: RolloutId;
  readonly status: InstanceStatus;
  readonly address: string | null;
  readonly reason: string | null;
  /** How often it was ready and then was not. */
  readonly lapses: number;
  /** How long its requests may last once it gets no new ones: its release says so, and may be forgotten by then. */
  readonly drainDeadlineMs: number;
  /** The first table version without it; null while it may serve. */
  readonly retiredAt: number | null;
  readonly drained: boolean;
  /** How often it was seen to begin anew after its end. */
  readonly restarts: number;
}

export interface RoutesState {
  readonly requested: Routes | null;
  /** Version that the router acknowledged last; 0: none. */
  readonly acknowledged: number;
  /** How often the router came back without what it had acknowledged. */
  readonly losses: number;
}

export interface Incident {
  readonly id: IncidentId;
  readonly rollout: RolloutId;
  readonly severity: 'critical' | 'high' | 'medium';
  readonly title: string;
  readonly openedAt: number;
  readonly acknowledgedBy: string | null;
}

/** What the instances of a rollout run; null once it serves nobody and is not kept warm. */
export function servingOf(state: TargetState, rollout: RolloutId): { readonly release: Release } | null {
  if (state.rollout?.rollout === rollout && state.rollout.phase !== 'verifying') return state.rollout.plan;
  if (state.stable?.rollout === rollout) return state.stable;
  return state.standby.find((one) => one.rollout === rollout) ?? null;
}

export function emptyTarget(target: Target): TargetState {
  return {
    target,
    version: 0,
    stable: null,
    standby: [],
    rollout: null,
    queue: [],
    instances: {},
    routes: { requested: null, acknowledged: 0, losses: 0 },
    incidents: [],
  };
}

/** The step under the cursor; null before planning and after the last. */
export function currentStep(rollout: Rollout | null): PlanStep | null {
  if (rollout === null || rollout.phase === 'verifying') return null;
  const steps = rollout.phase === 'forward' ? rollout.plan.steps : rollout.plan.backSteps;
  return steps[rollout.index] ?? null;
}

/** Instances of one rollout, in order of number. */
export function instancesOf(state: TargetState, rollout: RolloutId): readonly Instance[] {
  return Object.values(state.instances).filter((instance) => instance.rollout === rollout);
}

/** True for what users do not rely on yet: an instance of a rollout that is not promoted. */
export function isOnTrial(
  { rollout, stable }: TargetState,
  { rollout: generation }: Pick<Instance, 'rollout'>,
): boolean {
  return rollout?.rollout === generation && stable?.rollout !== generation;
}
