import type { Claim } from './claimed-status.ts';
import type { AgentEntry, Executor } from './executor.ts';
import type { PlannedCriterion } from './planned-criterion.ts';

/** What must be so before something begins. */
export interface Need {
  /** Id of a step or a group of the plan. */
  readonly on: string;
  readonly condition: 'succeeded' | 'started';
}

/** One step. Documents and pipelines both become these. */
export interface PlanNode {
  /** Unique in the plan: as the document gives it, else made by position (`1.2.3`). */
  readonly id: string;
  /** The subtask that it belongs to. Steps of one group run one after the other. */
  readonly group: string;
  readonly command: string;
  readonly description: string | null;
  readonly needs: readonly Need[];
  /** Null: nobody is bound; `missing` says to people what the bindings lack. */
  readonly executor: Executor | null;
  readonly missing: string | null;
  /** The whole permission of whoever performs it. */
  readonly tools: readonly string[];
  /** Criteria of the document, then probes of the bindings. */
  readonly criteria: readonly PlannedCriterion[];
  /** Default 10 min. */
  readonly timeoutMs: number;
  /** It may be done twice: after a crash it is run again where its criteria do not hold. Default false. */
  readonly idempotent: boolean;
  /** Shell command that takes back what it did outside the workspace; null: an effect outside stays. */
  readonly undo: string | null;
  /** It may change something outside the workspace: it runs commands, or talks to the network. */
  readonly reachesOutside: boolean;
  /** Its agent may write outside the workspace. */
  readonly unconfined: boolean;
  /** What its document says has become of it; absent where it is simply to be done. */
  readonly claim?: Claim;
}

export type FailureAction = 'revert' | 'notify' | 'escalate';

export interface PlannedFailure {
  /** In the order in which they are taken; `notify` alone goes on with the next step. Default: escalate. */
  readonly actions: readonly FailureAction[];
  /** Handle of who is told; null: whoever runs it. */
  readonly to: string | null;
  /** As the document prints it; null where it does not say. */
  readonly text: string | null;
}

/** A subtask, or the document that holds subtasks. Tasks only group; what they need is needed by their subtasks. */
export interface PlanGroup {
  readonly id: string;
  readonly kind: 'subtask' | 'document';
  readonly task: { readonly id: string | null; readonly title: string | null } | null;
  readonly title: string | null;
  /** Index of its document. */
  readonly document: number;
  readonly needs: readonly Need[];
  /** Judged before the first step: inputs from earlier documents, and sentences that only a person can confirm. */
  readonly preconditions: readonly PlannedCriterion[];
  /** Judged when all steps are done: criteria and final criteria of a subtask; success criteria, gates and self-checks of a document. */
  readonly criteria: readonly PlannedCriterion[];
  /** Further attempts of each step after the first. */
  readonly retries: number;
  /** Before the second attempt, ms; doubled for each further one. Default 1 s. */
  readonly backoffMs: number;
  readonly failure: PlannedFailure;
  /** Handles: the first is the primary one. */
  readonly agents: readonly string[];
  /** Paths of documents to read, as links were resolved. */
  readonly links: readonly string[];
  /** It may run beside others that may. */
  readonly parallel: boolean;
}

export interface PlannedDocument {
  readonly path: string;
  /** SHA-256 of the bytes that were read. */
  readonly digest: string;
  readonly generation: string;
  /** What the brief of each of its steps begins with; null where it has none. */
  readonly superPrompt: string | null;
}

/** Files of which a plan was made, to be read again where a person corrects them. */
export interface PlanSources {
  /** Documents and agent files as they were given, relative to the workspace. */
  readonly given: readonly string[];
  /** `digest`: SHA-256 of the bytes that were read. */
  readonly bindings: { readonly path: string; readonly digest: string } | null;
  readonly side: 'ours' | 'theirs' | null;
}

/** Everything that is done, by whom, and how it is judged. Plain data: `--dry-run` prints exactly what runs. */
export interface WorkflowPlan {
  readonly documents: readonly PlannedDocument[];
  readonly groups: readonly PlanGroup[];
  /** In the order of the documents. */
  readonly nodes: readonly PlanNode[];
  readonly agents: readonly AgentEntry[];
  /** Globs of paths that nobody but Sluice and people may change while a step runs. */
  readonly protectedPaths: readonly string[];
  /** How many groups may be under way at once; only `parallel` ones join others. Default 1. */
  readonly concurrency: number;
  /** Absent in plans of before they were kept. */
  readonly sources?: PlanSources;
}
