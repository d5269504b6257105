import type { Verdict } from '../analysis/analysis.ts';
import type { ArmBatch } from '../analysis/batch.ts';
import type { MirrorVerdict } from '../analysis/mirror.ts';
import type { RuleOutcome } from '../report/compare-rules.ts';
import type { MeasuredFacts } from '../report/report-facts.ts';
import type { UsersMet } from '../report/users-met.ts';
import type { GateResult } from '../rollout/gate.ts';
import type { MirrorBatch } from '../rollout/mirror-sums.ts';
import type { RolloutPlan } from '../rollout/plan.ts';
import type { TargetState } from '../rollout/state.ts';
import type { McpCallsApi } from './mcp-calls.ts';
import type { WorkflowApi } from './workflow/workflow-api.ts';

/** What the controller answers, by method; the socket carries exactly this. */
export interface EngineApi extends WorkflowApi, McpCallsApi {
  ping(params: object): Promise<{ readonly pid: number; readonly version: string; readonly since: number }>;
  plan(params: {
    service: string;
    to: string;
    unit: string;
    acceptIrreversible?: boolean;
  }): Promise<PlanAnswer>;
  deploy(params: {
    service: string;
    to: string;
    unit: string;
    /** Why it goes on although incidents are open. */
    override?: string;
    /** A migration without a way down, or one that loses data, is accepted. */
    acceptIrreversible?: boolean;
  }): Promise<{ readonly rollout: string }>;
  rollback(params: {
    service: string;
    to: string;
    release?: string;
    acceptIrreversible?: boolean;
  }): Promise<{ readonly rollout: string }>;
  /** What `rollback` with the same parameters would do; changes nothing. */
  planRollback(params: {
    service: string;
    to: string;
    release?: string;
    acceptIrreversible?: boolean;
  }): Promise<PlanAnswer>;
  /** All targets, or one. */
  status(params: { service?: string; to?: string }): Promise<readonly TargetStatus[]>;
  history(params: { service?: string; to?: string }): Promise<readonly RolloutSummary[]>;
  /** Markdown of one rollout's report; the newest of the target by default. */
  report(params: {
    service?: string;
    to?: string;
    rollout?: string;
    compare?: boolean;
  }): Promise<ReportAnswer>;
  logs(params: { service: string; to: string; bytes?: number }): Promise<readonly InstanceLog[]>;
  approve(params: Steering & { role?: string }): Promise<Done>;
  pause(params: Steering): Promise<Done>;
  resume(params: Steering): Promise<Done>;
  promote(params: Steering): Promise<Done>;
  abort(params: Steering): Promise<Done>;
  signal(params: Steering & { kind: string }): Promise<SignalAnswer>;
  incidents(params: object): Promise<readonly OpenIncident[]>;
  incidentAcknowledge(params: { incident: string }): Promise<Done>;
  incidentResolve(params: { incident: string; reason: string }): Promise<Done>;
  /** Stops every instance and the router, then the controller. */
  down(params: object): Promise<{ readonly stopped: readonly string[] }>;
}

export type Method = keyof EngineApi;

/** A person's word on the rollout that has the floor. */
export interface Steering {
  readonly service: string;
  readonly to: string;
  readonly reason?: string;
}

export interface Done {
  readonly done: true;
}

export interface SignalAnswer extends Done {
  /** The rollback that it began, after a success; null when a candidate was taken back or a person has to decide. */
  readonly rollback: string | null;
}

export interface PlanAnswer {
  readonly gates: readonly GateResult[];
  /** Null when a blocking gate does not hold. */
  readonly plan: RolloutPlan | null;
  readonly text: string;
}

export interface TargetStatus {
  readonly target: string;
  /** Without the inner state of the analysis, which is large and in the journal. */
  readonly state: TargetState;
  /** What is known of the candidate that is being judged; null when none is. */
  readonly evidence: EvidenceStatus | null;
}

export interface EvidenceStatus {
  readonly rollout: string;
  /** Everything counted since the candidate was started. */
  readonly candidate: ArmBatch;
  readonly stable: ArmBatch;
  /** Of the candidate: served, shielded and harmed ones apart. */
  readonly users: UsersMet;
  readonly verdict: Verdict;
  /** Of copies of requests, before users met the candidate; left out: none were made. */
  readonly mirror?: MirrorVerdict & Pick<MirrorBatch, 'skipped' | 'routes'>;
}

export interface RolloutSummary {
  readonly rollout: string;
  readonly target: string;
  readonly unit: string | null;
  readonly version: string | null;
  readonly by: string;
  readonly startedAt: number;
  readonly endedAt: number | null;
  /** `running` until it ended. */
  readonly ending: string;
  readonly reason: string | null;
  /** Names the kind of reason: `gate-blocked`, `analysis-failed`, `candidate-crash-looping` … */
  readonly code: string | null;
  /** What to do about it; null where nothing is amiss. */
  readonly remedy: string | null;
}

export interface ReportAnswer {
  /** What other rules would have cost, when that was asked; `text` tells it then. */
  readonly compared?: readonly RuleOutcome[];
  readonly rollout: string;
  /** Absolute path of the file; null while the rollout runs. */
  readonly path: string | null;
  readonly text: string;
  /** The written plan that it ran; null when nothing was planned. */
  readonly plan: string | null;
  readonly facts: MeasuredFacts;
}

export interface InstanceLog {
  readonly instance: string;
  readonly text: string;
}

export interface OpenIncident {
  readonly id: string;
  readonly target: string;
  readonly severity: string;
  readonly title: string;
  readonly openedAt: number;
  readonly acknowledgedBy: string | null;
}
