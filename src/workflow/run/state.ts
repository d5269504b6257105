import type { WorkflowPlan } from '../plan/plan.ts';
import type { Judgement, Performed } from './judgement.ts';

export type StepStatus =
  | 'PENDING'
  | 'READY'
  | 'RUNNING'
  | 'VERIFYING'
  | 'SUCCEEDED'
  | 'FAILED'
  | 'BLOCKED'
  | 'ESCALATED'
  | 'SKIPPED'
  | 'REVERTED'
  /** Done, but nothing proves it: waits on a named person. */
  | 'UNPROVEN';

/** The last attempt of a step; earlier ones are in the journal. */
export interface StepState {
  readonly status: StepStatus;
  /** 0 before the first. */
  readonly attempt: number;
  /** Attempts before this one do not count for the retries: a person began anew. */
  readonly firstAttempt: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  /** While RUNNING after a failed attempt: when the next one may begin. */
  readonly notBefore: number | null;
  /** Who asked for it where a person or an MCP client performs it. */
  readonly takenBy: string | null;
  readonly performed: Performed | null;
  readonly judgements: readonly Judgement[];
  /** Why it is BLOCKED, FAILED or ESCALATED; what a person said; null else. */
  readonly reason: string | null;
  /** Who accepted what nothing proves; null: Sluice saw it. */
  readonly acceptedBy: string | null;
}

export interface Concern {
  readonly id: string;
  readonly group: string;
  readonly text: string;
  readonly by: string;
  /** Who has to answer it. */
  readonly owner: string | null;
  readonly at: number;
  /** How it was answered; null while it is open. */
  readonly resolution: string | null;
}

export interface GroupState {
  readonly status: StepStatus;
  /** Digest of the workspace before its first step; null before, and where nothing is ever reverted. */
  readonly snapshot: string | null;
  /** Preconditions while it has not begun, then its criteria. */
  readonly judgements: readonly Judgement[];
  /** Ids of criteria that somebody signed, with who. */
  readonly signed: Readonly<Record<string, { readonly by: string; readonly reason: string }>>;
  readonly reason: string | null;
  /** What is to be done about a failed step, taken one after the other; empty when all is done. */
  readonly failing: readonly ('revert' | 'notify' | 'escalate')[];
  readonly failedStep: string | null;
  /** Effects outside the workspace that a revert could not take back. */
  readonly notReverted: readonly string[];
}

export interface WorkflowRun {
  readonly version: number;
  readonly run: string;
  /** Null before it was started. */
  readonly plan: WorkflowPlan | null;
  /** Absolute path. */
  readonly workspace: string;
  readonly startedAt: number;
  readonly startedBy: string;
  readonly status: 'none' | 'running' | 'succeeded' | 'failed' | 'cancelled';
  readonly endedAt: number | null;
  readonly steps: ReadonlyMap<string, StepState>;
  readonly groups: ReadonlyMap<string, GroupState>;
  readonly concerns: readonly Concern[];
}

export function emptyRun(run: string): WorkflowRun {
  return {
    version: 0,
    run,
    plan: null,
    workspace: '',
    startedAt: 0,
    startedBy: '',
    status: 'none',
    endedAt: null,
    steps: new Map(),
    groups: new Map(),
    concerns: [],
  };
}
