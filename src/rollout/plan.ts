import type { AnalysisSettings } from '../analysis/settings.ts';
import type { CommandSpec } from '../base/command-spec.ts';
import type { RolloutId, Target } from '../base/ids.ts';
import type { Release } from '../base/release.ts';
import type {
  ActiveProbe,
  Affinity,
  EdgeSettings,
  MatchRule,
  ShieldSettings,
  TrafficLimits,
} from '../base/route-table.ts';
import type { Migration } from './migration.ts';
import type { LowTrafficPolicy, Strategy } from './strategy.ts';

/** What a command of a plan is for; a failure means something else in each role. */
export type CommandRole =
  | 'integrity-before'
  | 'migrate-up'
  | 'integrity-after'
  | 'smoke-stable'
  | 'smoke'
  | 'run'
  | 'migrate-down'
  | 'integrity-restored';

/**
 * One entry of a plan. A rollout is a cursor on a list of these; strategies differ only in what they compile to. Each has
 * one condition that completes it and the effects it asks for are derived from it (`pending-actions.ts`).
 */
export type PlanStep =
  /** Maintenance page on or off; complete when the router acknowledged it. */
  | { readonly type: 'maintenance'; readonly on: boolean }
  /** Drains and stops every instance of the arm; complete when they are gone. */
  | { readonly type: 'retire'; readonly arm: 'stable' | 'candidate' }
  /** Complete when it ended with exit code 0. */
  | {
      readonly type: 'command';
      readonly role: CommandRole;
      readonly label: string;
      readonly command: CommandSpec;
    }
  /** Candidate instances asked for; complete when so many are ready. */
  | { readonly type: 'start'; readonly replicas: number }
  /** The bytes of the release that comes back are verified, ready to be started once the schema fits. */
  | { readonly type: 'place'; readonly release: 'stable' | 'candidate' }
  /** Stable instances that were stopped are started again; complete when all are ready. */
  | { readonly type: 'restart-stable' }
  /** Complete when the router acknowledged a table with this weight for the candidate. */
  | { readonly type: 'setWeight'; readonly weightPercent: number; readonly replicas: number }
  /** Copies of users' requests for the candidate, judged; complete when the time is over and there is no doubt. */
  | {
      readonly type: 'mirror';
      readonly sharePercent: number;
      readonly bakeMs: number;
      readonly deadlineMs: number;
    }
  /** Complete with the verdict `successful`. */
  | { readonly type: 'analyze'; readonly bakeMs: number; readonly deadlineMs: number }
  | { readonly type: 'pause'; readonly durationMs: number | null }
  | { readonly type: 'approve'; readonly roles: readonly string[] }
  /** Watched for so long with everything that rolls back armed. */
  | { readonly type: 'soak'; readonly durationMs: number }
  /** The candidate becomes stable: a change of label. */
  | { readonly type: 'promote' }
  /** All traffic to stable, or the maintenance page where there is none; complete when acknowledged. */
  | { readonly type: 'restore' }
  /** Logs, counts and the failed artifact are kept; complete when they are. */
  | { readonly type: 'preserve' }
  /** Stable still works on the schema that the migration made. */
  | { readonly type: 'verify-stable'; readonly deadlineMs: number }
  /** Health, error rate, latency and business metrics at their old level. */
  | { readonly type: 'verify-restored'; readonly deadlineMs: number };

/** Everything that a rollout will do, as data: printed by `plan`, stored, and exactly what runs. */
export interface RolloutPlan {
  readonly rollout: RolloutId;
  readonly target: Target;
  /** `deploy` brings a release in; `rollback` goes to one that was stable before. */
  readonly kind: 'deploy' | 'rollback';
  readonly release: Release;
  /** What is stable now; null at the first release, which has nothing to compare with and no way back. */
  readonly previous: Release | null;
  readonly strategy: Strategy;
  readonly replicas: number;
  readonly steps: readonly PlanStep[];
  /** What going back will do, written down before it is needed. */
  readonly backSteps: readonly PlanStep[];
  readonly migrate: Migration | null;
  readonly match: readonly MatchRule[];
  readonly affinity: Affinity;
  /** Left out where stable does not answer for the candidate, and in plans of before there was a shield. */
  readonly shield?: ShieldSettings;
  /** Paths of files that belong to one version, as in the route table; left out: none. */
  readonly assets?: readonly string[];
  /** As in the route table; left out: nothing of it is set. */
  readonly edge?: EdgeSettings;
  readonly limits: TrafficLimits;
  readonly routing: {
    readonly listen: string;
    readonly hosts: readonly string[];
    readonly pathPrefix: string;
    readonly probe: ActiveProbe;
  };
  /** How the candidate is judged; part of the plan so that replaying judges alike. */
  readonly analysis: AnalysisSettings;
  readonly lowTraffic: LowTrafficPolicy;
  readonly soakMs: number;
  readonly rollbackWindowMs: number;
  readonly restoreWithinMs: number;
}

/** True when stable serves beside the candidate for as long as the rollout is judged. */
export function isCompared(plan: Pick<RolloutPlan, 'strategy' | 'previous' | 'kind'>): boolean {
  if (plan.previous === null || plan.kind === 'rollback') return false;
  return plan.strategy.kind === 'canary' || plan.strategy.kind === 'ab' || plan.strategy.kind === 'rolling';
}
