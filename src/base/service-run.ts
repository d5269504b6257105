import type { CommandSpec } from './command-spec.ts';

/** An HTTP request whose answer says how an instance is. A redirect is no success. */
export interface ProbeSpec {
  /** Path and query, `/healthz`. */
  readonly path: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Good answers (200–299) in a row until it holds. */
  readonly successes: number;
  /** Bad answers in a row until it does not. */
  readonly failures: number;
}

/** How one instance of a release runs. Part of the release: going back to it later runs it exactly so. */
export interface ServiceRun {
  /** Run by a shell with `PORT` set, in the directory of the artifact. */
  readonly start: string;
  /** Values from the configuration; `secretEnv` names variables of the controller that are handed on, never stored. */
  readonly env: Readonly<Record<string, string>>;
  readonly secretEnv: readonly string[];
  readonly health: ProbeSpec;
  readonly ready: ProbeSpec;
  /** From start to ready. */
  readonly startDeadlineMs: number;
  /** From SIGTERM to SIGKILL, and how long the router waits for requests in flight. */
  readonly drainDeadlineMs: number;
  readonly smoke: CommandSpec | null;
}
