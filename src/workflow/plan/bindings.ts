import type { Place } from '../../config/problem.ts';
import type { AgentVia, Executor } from './executor.ts';
import type { Probe } from './probe.ts';

/** What an entry of `steps:` says; null: it does not say, and a wider entry may. */
export interface StepBinding {
  readonly executor: StepExecutor | null;
  readonly timeoutMs: number | null;
  readonly env: Readonly<Record<string, string>>;
  readonly idempotent: boolean | null;
  readonly undo: string | null;
  readonly probes: readonly Probe[] | null;
  /** Granted beyond what the document permits. */
  readonly tools: readonly string[];
  readonly unconfined: boolean | null;
  readonly at: Place;
}

/** Agents are looked up in the directory when the plan is made. */
export type StepExecutor =
  | Exclude<Executor, { kind: 'agent' }>
  | { readonly kind: 'agent'; readonly handle: string };

export interface AgentBinding {
  /** Begins with `@`. */
  readonly handle: string;
  readonly person: string | null;
  readonly via: AgentVia | null;
  readonly notice: string | null;
  /** Path of the file that says its role, as written. */
  readonly instructions: string | null;
  readonly unconfined: boolean;
  readonly at: Place;
}

export interface NamedCommand {
  readonly run: string;
  readonly timeoutMs: number;
  readonly env: Readonly<Record<string, string>>;
}

/** A bindings file: who performs the steps of documents, and what their names stand for. */
export interface Bindings {
  /** Path of the file; null where there is none. */
  readonly file: string | null;
  /** By id of a step, subtask or task, or `*`. */
  readonly steps: ReadonlyMap<string, StepBinding>;
  /** Null: there is no directory, so that no handle can be missing from it. */
  readonly agents: ReadonlyMap<string, AgentBinding> | null;
  /** Address (`http://127.0.0.1:8080`, no slash at the end) by host as documents print it; `*` for paths without one. */
  readonly hosts: ReadonlyMap<string, string>;
  readonly roots: readonly string[];
  readonly checks: ReadonlyMap<string, NamedCommand>;
  readonly tests: ReadonlyMap<string, NamedCommand>;
  readonly processes: ReadonlyMap<string, { readonly name: string; readonly port: number | null }>;
  /** Globs, beside the built-in ones. */
  readonly protectedPaths: readonly string[];
  readonly concurrency: number;
}

export const noBindings: Bindings = {
  file: null,
  steps: new Map(),
  agents: null,
  hosts: new Map(),
  roots: [],
  checks: new Map(),
  tests: new Map(),
  processes: new Map(),
  protectedPaths: [],
  concurrency: 1,
};
