import type { WorkflowPlan } from '../plan/plan.ts';
import type { Judgement, Performed } from './judgement.ts';

/** What somebody asks of a run, or tells it. Words of people carry who they are in `by`; an agent's are `agent:@handle`. */
export type RunCommand = { readonly at: number; readonly by: string } & (
  | {
      readonly type: 'StartRun';
      readonly run: string;
      readonly plan: WorkflowPlan;
      readonly workspace: string;
      /** Begins with this step; what comes before is skipped. */
      readonly from: string | null;
      /** Only this subtask; everything else is skipped. */
      readonly only: string | null;
    }
  | {
      readonly type: 'RecordPreconditions';
      readonly group: string;
      readonly judgements: readonly Judgement[];
    }
  | { readonly type: 'RecordSnapshot'; readonly group: string; readonly digest: string }
  /** It was tried often enough. */
  | { readonly type: 'RecordSnapshotFailed'; readonly group: string; readonly reason: string }
  | {
      readonly type: 'RecordPerformed';
      readonly step: string;
      readonly attempt: number;
      readonly performed: Performed;
    }
  | {
      readonly type: 'RecordJudged';
      readonly step: string;
      readonly attempt: number;
      readonly judgements: readonly Judgement[];
    }
  | {
      readonly type: 'RecordReverted';
      readonly group: string;
      readonly digest: string;
      readonly restored: readonly string[];
      readonly notReverted: readonly string[];
    }
  | { readonly type: 'RecordNotified'; readonly group: string }
  | { readonly type: 'RecordEscalated'; readonly group: string; readonly file: string }
  | { readonly type: 'RecordGroupJudged'; readonly group: string; readonly judgements: readonly Judgement[] }
  /** A person or an MCP client takes a step in hand, which nobody else gets then. */
  | { readonly type: 'Take'; readonly step: string }
  /** Says that it is done; then its criteria are judged. */
  | { readonly type: 'Complete'; readonly step: string; readonly note: string | null }
  | { readonly type: 'Block'; readonly step: string; readonly reason: string }
  /** Of a step that nothing proves, or of a criterion of a group that only a person can judge (`criterion` null: all). */
  | {
      readonly type: 'Accept';
      readonly id: string;
      readonly criterion: string | null;
      readonly reason: string;
    }
  | { readonly type: 'Retry'; readonly step: string; readonly reason: string }
  | { readonly type: 'Skip'; readonly step: string; readonly reason: string }
  | {
      readonly type: 'RaiseConcern';
      readonly concern: string;
      readonly group: string;
      readonly text: string;
      readonly owner: string | null;
    }
  | { readonly type: 'ResolveConcern'; readonly concern: string; readonly resolution: string }
  /** Looks again at what waits on something outside: preconditions. */
  | { readonly type: 'Resume' }
  /** Goes on by what bindings and documents say now. `acceptChanges`: also where documents ask for other work. */
  | { readonly type: 'RenewPlan'; readonly plan: WorkflowPlan; readonly acceptChanges: boolean }
  | { readonly type: 'Cancel'; readonly reason: string }
  | { readonly type: 'Tick' }
  | { readonly type: 'RecordClockJump'; readonly byMs: number }
);
