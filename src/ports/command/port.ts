import type { CommandSpec } from '../../base/command-spec.ts';

export interface CommandRun {
  /** Idempotency key: an execution of this id that runs is joined, one that ended is not repeated. */
  readonly id: string;
  readonly spec: CommandSpec;
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface CommandOutcome {
  /** Null when it was ended by a signal or the timeout. */
  readonly exitCode: number | null;
  readonly timedOut: boolean;
  readonly durationMs: number;
  /** The last 64 KiB of both streams in order. */
  readonly output: string;
  /** It was killed while nobody watched: how far it got is not known. Default false. */
  readonly lost?: boolean;
}

/** Runs users' commands: smoke, migrations, integrity checks, `run` steps, measurements. */
export interface CommandRunner {
  run(command: CommandRun): Promise<CommandOutcome>;
  /** Ends the command of that id if it runs. */
  cancel(id: string): Promise<void>;
  /** Forgets commands that ended, are not in `keep` and were last written `olderThanMs` before `at`. Returns their ids. */
  prune(options: {
    readonly keep: { has(id: string): boolean };
    readonly olderThanMs: number;
    readonly at: number;
  }): Promise<readonly string[]>;
  close(): Promise<void>;
}
