/** The shapes in which people write workflows; docs/workflow-documents.md shows one of each. */
export type Generation = 'monolith' | 'task' | 'super-prompt' | 'role' | 'spec-kit' | 'task-master';

/** How a criterion is judged. `human`: only a person, or an agent that signs by name, can say. */
export type CriterionKind =
  | 'exit-code'
  | 'output-contains'
  | 'file-exists'
  | 'file-content'
  | 'directory-exists'
  | 'json-valid'
  | 'http-response'
  | 'process-running'
  | 'tests-pass'
  | 'named-check'
  | 'internal-state'
  | 'human';

/** Lines are those of the file, counted from 1. */
export interface Criterion {
  /** As printed, less backticks, asterisks and the colon; empty when there is none. */
  readonly label: string;
  readonly kind: CriterionKind;
  /** As printed, less the code span or emphasis around the whole of it. */
  readonly text: string;
  readonly line: number;
}

export interface Step {
  readonly id: string | null;
  readonly command: string | null;
  readonly description: string | null;
  /** What the step may use; kinds of thinking (`CognitiveProcessing`) are no tools. */
  readonly tools: readonly string[];
  readonly criteria: readonly Criterion[];
  readonly line: number;
}

/** What must be so before work begins. Without an id it is a sentence that only a person can judge. */
export interface Prerequisite {
  readonly id: string | null;
  readonly condition: 'succeeded' | 'started';
  readonly text: string;
  readonly line: number;
}

/** What to do when the retries are used up; all null when the document does not say. */
export interface FailurePolicy {
  /** `ESCALATE_TO_HUMAN`, `NOTIFY_AND_CONTINUE`, `REVERT_STATE`, or several joined by ` and `. */
  readonly policy: string | null;
  /** The handle of who is told: `@devops-lead`. */
  readonly to: string | null;
  readonly text: string | null;
}

export interface Subtask {
  readonly id: string | null;
  readonly title: string | null;
  readonly description: string | null;
  readonly agents: readonly string[];
  readonly capabilities: readonly string[];
  readonly prerequisites: readonly Prerequisite[];
  /** Paths of documents, without `mdc:`. */
  readonly links: readonly string[];
  readonly maxRetries: string | null;
  readonly onFailure: FailurePolicy;
  readonly criteria: readonly Criterion[];
  readonly finalCriteria: readonly Criterion[];
  readonly next: string | null;
  readonly steps: readonly Step[];
  readonly status?: string;
  readonly parallel?: boolean;
  readonly line: number;
}

export interface Task {
  readonly id: string | null;
  readonly title: string | null;
  readonly prerequisites: readonly Prerequisite[];
  readonly subtasks: readonly Subtask[];
  readonly status?: string;
  readonly parallel?: boolean;
  readonly line: number;
}

/** A file that the document promises. */
export interface Artifact {
  readonly path: string;
  readonly name: string;
  readonly checked: boolean;
  /** Paths that do as well as `path`. */
  readonly alternatives: readonly string[];
  /** JSON Schema made from the shorthand of the document; null when it gives none. */
  readonly schema: unknown;
  readonly line: number;
}

export interface Section {
  readonly title: string;
  readonly line: number;
}

/** What was not understood, or contradicts itself. Nothing of a document is dropped without one. */
export interface Problem {
  readonly code: string;
  readonly line: number;
  readonly message: string;
  readonly remedy: string;
}

/** A document that a listed one replaces, or that somebody has yet to write. */
export interface NamedDocument {
  readonly path: string;
  readonly replaces: string | null;
  readonly toBeCreated: boolean;
  readonly line: number;
}

/** What an operator prompt gives to the agent that bears its name. */
export interface Role {
  readonly name: string;
  readonly phases: readonly Section[];
  readonly gates: readonly { readonly name: string; readonly requirement: string; readonly action: string }[];
  readonly triggers: readonly string[];
  readonly formats: readonly Section[];
}

/** Everything that one side of a document says. */
export interface WorkflowDocument {
  readonly generation: Generation;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly tasks: readonly Task[];
  readonly artifacts: readonly Artifact[];
  readonly documents: readonly NamedDocument[];
  readonly selfChecks: readonly Criterion[];
  readonly documentCriteria: readonly Criterion[];
  /** Tools that the whole document may use. */
  readonly tools: readonly string[];
  readonly agents: readonly string[];
  readonly sections: readonly Section[];
  readonly role: Role | null;
  readonly problems: readonly Problem[];
}

/** A file as it was read. With conflict markers and no side chosen there are two documents, never a mixture. */
export type Reading =
  | { readonly conflicts: number; readonly document: WorkflowDocument }
  | {
      readonly conflicts: number;
      readonly sides: { readonly ours: WorkflowDocument; readonly theirs: WorkflowDocument };
    };
