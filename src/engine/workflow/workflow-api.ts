import type { RunCommand } from '../../workflow/run/command.ts';
import type { Judgement, Performed } from '../../workflow/run/judgement.ts';
import type { PlanChanges } from '../../workflow/run/plan-changes.ts';
import type { StepStatus } from '../../workflow/run/state.ts';
import type { ExportedState } from './export-state.ts';
import type { FileChange } from './read-again.ts';

/** What the controller answers about runs of workflow documents. `run` null or left out: the newest one. */
export interface WorkflowApi {
  workflowRun(params: {
    /** Absolute paths. */
    readonly documents: readonly string[];
    readonly bindings: string | null;
    readonly workspace: string;
    readonly side: 'ours' | 'theirs' | null;
    readonly from: string | null;
    readonly only: string | null;
  }): Promise<{ readonly run: string }>;
  workflowRuns(params: object): Promise<readonly RunSummary[]>;
  /** `since`: of an earlier answer; then only the steps are told that have changed after it, or could begin. */
  workflowStatus(params: { readonly run?: string | null; readonly since?: number }): Promise<RunStatus>;
  /** Bindings and documents are read again. Refused with `documents-changed` unless changes of the work are accepted. */
  workflowResume(params: {
    readonly run?: string | null;
    readonly acceptChanges?: boolean;
  }): Promise<{ readonly run: string; readonly renewed: Renewed | null }>;
  workflowTell(params: {
    readonly run?: string | null;
    readonly said: RunWord;
  }): Promise<{ readonly run: string; readonly renewed: Renewed | null }>;
  /** Of every attempt. */
  workflowEvidence(params: { readonly run?: string | null; readonly step: string }): Promise<StepEvidence>;
  /** The next step that waits for this actor, which is then in its hands; null when there is none. */
  workflowNext(params: { readonly run?: string | null; readonly actor: string }): Promise<StepInHand | null>;
  /** Tells `Step.json` and `DNA.json` what the journal says; `tick`: and the checklists of documents. */
  workflowExport(params: {
    readonly run?: string | null;
    readonly tick: boolean;
    readonly dryRun: boolean;
  }): Promise<ExportedState & { readonly run: string }>;
  workflowReport(params: {
    readonly run?: string | null;
    readonly format: 'markdown' | 'junit';
  }): Promise<{ readonly run: string; readonly text: string }>;
}

/** A word of somebody outside. `actor`: `agent:@handle` or `mcp:client` for an agent; a person is known by the socket. */
export type RunWord = { readonly actor?: string } & Said<
  Extract<RunCommand, { readonly type: WordType | 'RaiseConcern' }>
>;

type WordType = 'Complete' | 'Block' | 'Accept' | 'Retry' | 'Skip' | 'ResolveConcern' | 'Cancel';

/** When it was said and by whom the controller knows by itself; it also numbers the concerns. */
type Said<Command> = Command extends { readonly type: 'RaiseConcern' }
  ? Omit<Command, 'at' | 'by' | 'concern'>
  : Command extends unknown
    ? Omit<Command, 'at' | 'by'>
    : never;

/** What a run goes on with from here on. */
export interface Renewed extends PlanChanges {
  readonly files: readonly FileChange[];
}

export interface RunSummary {
  readonly run: string;
  readonly documents: readonly string[];
  readonly workspace: string;
  /** `waiting`: nothing goes on until somebody outside says something. */
  readonly status: 'running' | 'waiting' | 'succeeded' | 'failed' | 'cancelled';
  readonly by: string;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly counts: Readonly<Partial<Record<StepStatus, number>>>;
}

export interface RunStatus extends RunSummary {
  /** Of the state that it tells; a controller of version 0.1 leaves it out. */
  readonly version?: number;
  readonly steps: readonly StepRow[];
  readonly groups: readonly GroupRow[];
  readonly concerns: readonly {
    readonly id: string;
    readonly group: string;
    readonly text: string;
    readonly by: string;
    readonly owner: string | null;
  }[];
  /** What somebody has to do, with the command that does it. */
  readonly waitsFor: readonly string[];
}

export interface StepRow {
  readonly id: string;
  readonly group: string;
  readonly command: string;
  readonly status: StepStatus;
  readonly attempt: number;
  readonly executor: string | null;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly reason: string | null;
  readonly acceptedBy: string | null;
  /** Nothing confines its agent. */
  readonly unconfined: boolean;
}

export interface GroupRow {
  readonly id: string;
  readonly kind: 'subtask' | 'document';
  readonly title: string | null;
  readonly status: StepStatus;
  readonly reason: string | null;
  readonly notReverted: readonly string[];
}

export interface StepEvidence {
  readonly run: string;
  readonly step: string;
  readonly status: StepStatus;
  readonly acceptedBy: string | null;
  readonly attempts: readonly {
    readonly attempt: number;
    readonly performed: Performed | null;
    readonly judgements: readonly (Judgement & { readonly label: string; readonly text: string })[];
    readonly reason: string | null;
  }[];
  /** Tail of the log of the last attempt. */
  readonly log: string;
}

export interface StepInHand {
  readonly run: string;
  readonly step: string;
  readonly brief: string;
  readonly tools: readonly string[];
  readonly criteria: readonly { readonly label: string; readonly kind: string; readonly text: string }[];
  readonly workspace: string;
}
