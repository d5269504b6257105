import type { Clock } from '../base/clock.ts';
import type { EngineApi, Method } from '../engine/api.ts';
import type { ObjectSchema } from './json-schema.ts';
import type { WorkspaceDocuments } from './workspace-documents.ts';

/** Asks the controller, as the command line does. Rejects with what it answered. */
export type AskController = <M extends Method>(
  method: M,
  params: Parameters<EngineApi[M]>[0],
) => Promise<Awaited<ReturnType<EngineApi[M]>>>;

/** What stands behind the door. */
export interface McpParts {
  readonly ask: AskController;
  readonly documents: WorkspaceDocuments;
  readonly clock: Clock;
  /** Of Sluice. */
  readonly version: string;
  /** A line for people, on standard error. */
  readonly log: (line: string) => void;
}

/** One call of a tool. */
export interface Calling extends McpParts {
  /** `mcp:claude-code`. */
  readonly actor: string;
  /** Aborted when the client gave up or is gone. */
  readonly signal: AbortSignal;
  /** Tells a client that waits, where it asked to be told. */
  readonly progress: (message: string) => void;
}

/** `reads` changes nothing; `changes` adds to a record; `acts` moves what others rely on, and hosts may ask a person first. */
export type ToolNature = 'reads' | 'changes' | 'acts';

export interface Tool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly nature: ToolNature;
  readonly input: ObjectSchema;
  readonly output: ObjectSchema;
  call(args: never, calling: Calling): Promise<object>;
  /** For people and models; default: the answer as JSON. */
  text?(answer: never): string;
}

/** A tool whose arguments were checked against its schema. */
export function tool<Args, Answer extends object>(
  made: Omit<Tool, 'call' | 'text'> & {
    call(args: Args, calling: Calling): Promise<Answer>;
    text?(answer: Answer): string;
  },
): Tool {
  return made;
}
