import type { FailureAction, WorkflowPlan } from '../plan/plan.ts';
import type { Judgement, Performed } from './judgement.ts';

/** What happened in a run. `at`: wall clock, ms. */
export type RunEvent =
  | {
      readonly type: 'RunStarted';
      readonly run: string;
      readonly plan: WorkflowPlan;
      readonly workspace: string;
      /** Steps that are left out because somebody asked for a part only. */
      readonly skipped: readonly string[];
      readonly by: string;
      readonly at: number;
    }
  /** From here on it follows this plan; `bound` and `reworked` are what of it is new, as `PlanChanges` says. */
  | {
      readonly type: 'PlanRenewed';
      readonly plan: WorkflowPlan;
      readonly bound: readonly string[];
      readonly reworked: readonly string[];
      readonly by: string;
      readonly at: number;
    }
  | {
      readonly type: 'PreconditionsJudged';
      readonly group: string;
      readonly judgements: readonly Judgement[];
    }
  /** It had come to a halt, and begins again with what is left of it. */
  | { readonly type: 'GroupReopened'; readonly group: string }
  /** It holds the floor from here on. */
  | { readonly type: 'GroupStarted'; readonly group: string; readonly at: number }
  | { readonly type: 'SnapshotTaken'; readonly group: string; readonly digest: string }
  /** The intent: from here on something may have been done. */
  | { readonly type: 'StepStarted'; readonly step: string; readonly attempt: number; readonly at: number }
  /** A person or an MCP client has it in hand. */
  | { readonly type: 'StepTaken'; readonly step: string; readonly attempt: number; readonly by: string }
  | {
      readonly type: 'StepPerformed';
      readonly step: string;
      readonly attempt: number;
      readonly performed: Performed;
    }
  | {
      readonly type: 'StepJudged';
      readonly step: string;
      readonly attempt: number;
      readonly judgements: readonly Judgement[];
      readonly at: number;
    }
  | {
      readonly type: 'StepSucceeded';
      readonly step: string;
      readonly at: number;
      readonly acceptedBy: string | null;
      readonly reason: string | null;
    }
  | { readonly type: 'StepUnproven'; readonly step: string; readonly reason: string; readonly at: number }
  /** This attempt; `retryAt` null: there is no further one. */
  | {
      readonly type: 'StepFailed';
      readonly step: string;
      readonly attempt: number;
      readonly reason: string;
      readonly retryAt: number | null;
      readonly at: number;
    }
  | {
      readonly type: 'StepBlocked';
      readonly step: string;
      readonly reason: string;
      readonly by: string;
      readonly at: number;
    }
  | {
      readonly type: 'StepSkipped';
      readonly step: string;
      readonly reason: string;
      readonly by: string;
      readonly at: number;
    }
  /** Somebody wants it done once more, with all its attempts. */
  | { readonly type: 'StepReset'; readonly step: string; readonly by: string; readonly reason: string }
  /** The failure policy of the group begins. */
  | {
      readonly type: 'FailureHandled';
      readonly group: string;
      /** Null: its steps are done, and what it must show as a whole does not hold. */
      readonly step: string | null;
      readonly reason: string;
      readonly actions: readonly FailureAction[];
    }
  | {
      readonly type: 'GroupReverted';
      readonly group: string;
      /** Of the workspace afterwards: the same as before its first step. */
      readonly digest: string;
      readonly restored: readonly string[];
      readonly notReverted: readonly string[];
      readonly at: number;
    }
  | { readonly type: 'Notified'; readonly group: string; readonly to: string | null; readonly at: number }
  | {
      readonly type: 'GroupEscalated';
      readonly group: string;
      readonly to: string | null;
      readonly file: string;
      readonly at: number;
    }
  | {
      readonly type: 'GroupJudged';
      readonly group: string;
      readonly judgements: readonly Judgement[];
      readonly at: number;
    }
  | {
      readonly type: 'CriterionSigned';
      readonly group: string;
      readonly criterion: string;
      readonly by: string;
      readonly reason: string;
    }
  | { readonly type: 'GroupSucceeded'; readonly group: string; readonly at: number }
  | { readonly type: 'GroupUnproven'; readonly group: string; readonly reason: string; readonly at: number }
  /** What it needs from others is not there; it is looked for again on `Resume`. */
  | { readonly type: 'GroupBlocked'; readonly group: string; readonly reason: string; readonly at: number }
  | { readonly type: 'GroupFailed'; readonly group: string; readonly reason: string; readonly at: number }
  | {
      readonly type: 'ConcernRaised';
      readonly concern: string;
      readonly group: string;
      readonly text: string;
      readonly by: string;
      readonly owner: string | null;
      readonly at: number;
    }
  | {
      readonly type: 'ConcernResolved';
      readonly concern: string;
      readonly by: string;
      readonly resolution: string;
      readonly at: number;
    }
  | {
      readonly type: 'RunEnded';
      readonly ending: 'succeeded' | 'failed' | 'cancelled';
      readonly reason: string | null;
      readonly at: number;
    };
