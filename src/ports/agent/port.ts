/** What is needed to reach an agent; the same words as in a plan. */
export type AgentReach =
  | { readonly kind: 'command'; readonly run: string; readonly env: Readonly<Record<string, string>> }
  | {
      readonly kind: 'model';
      readonly model: {
        readonly protocol: 'openai' | 'anthropic';
        readonly name: string;
        readonly url: string;
        readonly keyEnv: string | null;
        /** Performs `web_search` in the sandbox: the query on standard input, what it found on standard output. */
        readonly webSearch?: { readonly run: string; readonly env: Readonly<Record<string, string>> };
        readonly price: { readonly input: number; readonly output: number } | null;
      };
      /** What may still be spent, of the step and of the run together. */
      readonly budget: { readonly tokens: number; readonly dollars: number | null };
    };

export interface AgentRun {
  /** Idempotency key: a run of this id that goes on is joined, one that ended is not repeated. */
  readonly id: string;
  readonly reach: AgentReach;
  /** Everything it is told, as text: role, document, step, criteria, evidence of earlier steps. */
  readonly brief: string;
  /** Absolute; the only folder that it may change, beside `scratch`. */
  readonly workspace: string;
  readonly scratch: string;
  /** Names of the tools that it may use; of the built-in loop only these exist. */
  readonly tools: readonly string[];
  /** Globs below the workspace that it must not change. */
  readonly protectedPaths: readonly string[];
  /** Nothing confines it. */
  readonly unconfined: boolean;
  readonly timeoutMs: number;
}

export interface AgentOutcome {
  /** `refused`: the model declines, or a ceiling was reached. `unconfinable`: this machine has no sandbox. `lost`: it was killed. */
  readonly ended: 'done' | 'failed' | 'timed-out' | 'refused' | 'unconfinable' | 'lost';
  /** For people: why it did not end with `done`. */
  readonly reason: string | null;
  readonly exitCode: number | null;
  /** The last 64 KiB of what it said. */
  readonly words: string;
  readonly durationMs: number;
  readonly usage: { readonly tokens: number; readonly dollars: number } | null;
  /** Concerns that it raised, in its own words. */
  readonly concerns: readonly string[];
}

/** Agents that do steps. Its environment never holds credentials of Sluice. */
export interface Agents {
  run(run: AgentRun): Promise<AgentOutcome>;
  /** Ends the run of that id if it goes on; resolves when nothing of it is left. */
  cancel(id: string): Promise<void>;
  /** Forgets runs that ended, are not in `keep` and were last written `olderThanMs` before `at`. Returns their ids. */
  prune(options: {
    readonly keep: { has(id: string): boolean };
    readonly olderThanMs: number;
    readonly at: number;
  }): Promise<readonly string[]>;
  close(): Promise<void>;
}
