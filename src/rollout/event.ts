import type { IncidentId, InstanceId, RolloutId, UnitId } from '../base/ids.ts';
import type { InstanceStatus } from '../base/instance-status.ts';
import type { Release } from '../base/release.ts';
import type { Routes } from '../base/route-table.ts';
import type { Ending, Reason } from './ending.ts';
import type { EvidenceBatch } from './evidence.ts';
import type { GateResult } from './gate.ts';
import type { Escalation } from './occasion.ts';
import type { Paperwork } from './paperwork.ts';
import type { RolloutPlan } from './plan.ts';
import type { Waivers } from './waivers.ts';

/** Everything that can have happened to a target. Past tense; never edited, upcast by version. */
export type RolloutEvent =
  | {
      readonly type: 'RolloutRequested';
      readonly rollout: RolloutId;
      readonly unit: UnitId | null;
      readonly by: string;
      readonly backTo?: RolloutId;
      readonly waivers?: Waivers;
      readonly paperwork?: Paperwork;
    }
  | {
      readonly type: 'RolloutQueued';
      readonly rollout: RolloutId;
      readonly unit: UnitId | null;
      readonly by: string;
      readonly backTo?: RolloutId;
      readonly waivers?: Waivers;
      readonly paperwork?: Paperwork;
    }
  | { readonly type: 'RolloutPlanned'; readonly plan: RolloutPlan; readonly gates: readonly GateResult[] }
  /** A gate did not hold: nothing was planned. */
  | {
      readonly type: 'VerificationFailed';
      readonly gates: readonly GateResult[];
      /** What was to be deployed; left out where not even that is known. */
      readonly release?: Release;
    }
  | { readonly type: 'StepStarted'; readonly index: number; readonly at: number }
  /** The wall clock was set forward: what is measured from the present step's start is not over sooner. */
  | { readonly type: 'ClockJumped'; readonly byMs: number }
  | { readonly type: 'StepCompleted'; readonly index: number; readonly how: string }
  | { readonly type: 'RolloutPaused'; readonly by: string }
  | { readonly type: 'RolloutResumed'; readonly by: string }
  | { readonly type: 'ApprovalGiven'; readonly role: string; readonly by: string; readonly comment: string }
  /** A person went on without the evidence that the step waited for. */
  | {
      readonly type: 'StepPromotedByHand';
      readonly index: number;
      readonly by: string;
      readonly reason: string;
    }
  | {
      readonly type: 'CommandFinished';
      readonly index: number;
      readonly ok: boolean;
      readonly output: string;
      readonly durationMs: number;
    }
  /** What the router counted since the last reading. */
  | { readonly type: 'BatchRecorded'; readonly batch: EvidenceBatch }
  /** The deadline of the present step passed without a verdict, and the policy leaves it to a person. */
  | { readonly type: 'PersonAsked'; readonly index: number; readonly observed: string }
  /** What the analysis of the present step came to. */
  | { readonly type: 'VerdictReached'; readonly ok: boolean; readonly observed: string }
  | { readonly type: 'GoingBackStarted'; readonly reason: Reason; readonly hadTraffic: boolean }
  /** A step of going back failed; the next one is taken. */
  | { readonly type: 'StepBroken'; readonly index: number; readonly message: string }
  /** The agreed time passed and the service is not back at its old level. */
  | { readonly type: 'RestorationLate'; readonly message: string }
  /** A person is called; delivered as a document in the operator's format. */
  | ({ readonly type: 'Escalated'; readonly rollout: RolloutId | null } & Escalation)
  /** The bytes of the release that comes back were looked at. */
  | { readonly type: 'ArtifactVerified'; readonly holds: boolean; readonly observed: string }
  | { readonly type: 'EvidencePreserved'; readonly location: string }
  /** Whether stable works on the schema that the migration made. */
  | { readonly type: 'StableVerified'; readonly holds: boolean; readonly observed: string }
  | { readonly type: 'RestorationVerified'; readonly holds: boolean; readonly observed: string }
  | {
      readonly type: 'ReleasePromoted';
      readonly rollout: RolloutId;
      readonly release: Release;
      readonly warmUntil: number;
    }
  | {
      readonly type: 'RolloutEnded';
      readonly ending: Ending;
      readonly reason: Reason | null;
      readonly at: number;
    }
  | {
      readonly type: 'InstancesRequested';
      readonly instances: readonly InstanceId[];
      readonly rollout: RolloutId;
    }
  | {
      readonly type: 'InstanceObserved';
      readonly instance: InstanceId;
      readonly status: InstanceStatus;
      readonly address: string | null;
      readonly reason: string | null;
    }
  /** From now on the instance is out of every table; it is drained once `afterVersion` was acknowledged. */
  | { readonly type: 'InstanceRetired'; readonly instance: InstanceId; readonly afterVersion: number }
  | { readonly type: 'InstanceDrained'; readonly instance: InstanceId; readonly cutOff: number }
  | { readonly type: 'InstanceStopped'; readonly instance: InstanceId }
  | { readonly type: 'StandbyExpired'; readonly rollout: RolloutId }
  /** A rollback takes the instances of the release that it goes back to, which are still warm. */
  | { readonly type: 'StandbyAdopted'; readonly rollout: RolloutId; readonly from: RolloutId }
  /** The rollback was given up: they stay warm for as long as they would have. */
  | { readonly type: 'StandbyReturned'; readonly rollout: RolloutId; readonly to: RolloutId }
  | { readonly type: 'RoutesRequested'; readonly routes: Routes }
  | { readonly type: 'RoutesAcknowledged'; readonly version: number }
  /** The router came back without what it had acknowledged. */
  | { readonly type: 'RoutesLost'; readonly version: number }
  /** The router had a table of a later version than was ever asked for: the journal is older, restored from a backup. */
  | { readonly type: 'UnknownRoutesFound'; readonly version: number }
  | {
      readonly type: 'IncidentOpened';
      readonly incident: IncidentId;
      readonly rollout: RolloutId;
      /** Kind of the signal from outside that opened it; left out when Sluice found it itself. */
      readonly signal?: string;
      readonly severity: 'critical' | 'high' | 'medium';
      readonly title: string;
      readonly at: number;
    }
  | { readonly type: 'IncidentAcknowledged'; readonly incident: IncidentId; readonly by: string }
  | {
      readonly type: 'IncidentResolved';
      readonly incident: IncidentId;
      readonly by: string;
      readonly reason: string;
    };
