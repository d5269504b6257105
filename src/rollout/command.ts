import type { IncidentId, InstanceId, RolloutId, UnitId } from '../base/ids.ts';
import type { InstanceStatus } from '../base/instance-status.ts';
import type { Release } from '../base/release.ts';
import type { EvidenceBatch } from './evidence.ts';
import type { GateResult } from './gate.ts';
import type { Paperwork } from './paperwork.ts';
import type { RolloutPlan } from './plan.ts';
import type { Waivers } from './waivers.ts';

/** What may be asked of a target, and what may be told of it. `at` is wall clock, `by` a person or `controller`. */
export type RolloutCommand = { readonly at: number; readonly by: string } & (
  | {
      readonly type: 'RequestRollout';
      readonly rollout: RolloutId;
      readonly unit: UnitId | null;
      /** Set for a rollback: the earlier rollout whose release comes back. */
      readonly backTo?: RolloutId;
      readonly waivers?: Waivers;
      readonly paperwork?: Paperwork;
      readonly onConflict: 'refuse' | 'queue' | 'supersede';
      /** Open incidents of the whole environment that this rollout neither fixes nor overrides. */
      readonly blockedBy: readonly IncidentId[];
    }
  | {
      readonly type: 'RecordVerification';
      readonly rollout: RolloutId;
      readonly gates: readonly GateResult[];
      /** Null when a blocking gate did not hold. */
      readonly plan: RolloutPlan | null;
      /** What was to be deployed, where it is known although nothing was planned. */
      readonly release?: Release;
    }
  | { readonly type: 'Approve'; readonly role: string; readonly comment: string }
  | { readonly type: 'Pause' }
  | { readonly type: 'Resume' }
  | { readonly type: 'Promote'; readonly reason: string }
  | { readonly type: 'Abort'; readonly reason: string }
  /** A trigger fired: measured, or a signal from outside. */
  | { readonly type: 'TakeBack'; readonly code: string; readonly message: string }
  /** A fresh measurement; the batch is null when nothing was counted since the last one. */
  | { readonly type: 'RecordBatch'; readonly rollout: RolloutId; readonly batch: EvidenceBatch | null }
  | {
      readonly type: 'RecordInstance';
      readonly instance: InstanceId;
      readonly status: InstanceStatus;
      readonly address: string | null;
      readonly reason: string | null;
    }
  | { readonly type: 'RecordDrained'; readonly instance: InstanceId; readonly cutOff: number }
  | { readonly type: 'RecordStopped'; readonly instance: InstanceId }
  | {
      readonly type: 'RecordRoutes';
      readonly version: number;
      /** `losses` of the routes when the table was sent: what was acknowledged before a loss is not in force after it. */
      readonly losses?: number;
    }
  | { readonly type: 'RecordLostRoutes'; readonly version: number }
  /** The router has a table in force that this journal never asked for. */
  | { readonly type: 'RecordUnknownRoutes'; readonly version: number }
  | {
      readonly type: 'RecordCommand';
      readonly rollout: RolloutId;
      readonly phase: 'forward' | 'back';
      readonly index: number;
      readonly ok: boolean;
      readonly output: string;
      readonly durationMs: number;
    }
  | {
      readonly type: 'RecordPlaced';
      readonly rollout: RolloutId;
      readonly holds: boolean;
      readonly observed: string;
    }
  | { readonly type: 'RecordEvidence'; readonly location: string }
  | { readonly type: 'RecordRestoration'; readonly holds: boolean; readonly observed: string }
  | { readonly type: 'AcknowledgeIncident'; readonly incident: IncidentId }
  | { readonly type: 'ResolveIncident'; readonly incident: IncidentId; readonly reason: string }
  /** Something seen from outside while no rollout runs. */
  | { readonly type: 'OpenIncident'; readonly signal: string; readonly title: string }
  /** The wall clock was set forward, ms. */
  | { readonly type: 'RecordClockJump'; readonly byMs: number }
  /** Time passed. */
  | { readonly type: 'Tick' }
);

/** A command before it is known who says it, and when. */
export type Said = Without<RolloutCommand>;
type Without<T> = T extends unknown ? Omit<T, 'at' | 'by'> : never;

/** A command that the state does not allow is an expected outcome, not an error. */
export type Decision<Event> =
  | { readonly kind: 'decided'; readonly events: readonly Event[] }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string; readonly remedy: string };
