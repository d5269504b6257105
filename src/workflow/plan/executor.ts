/** Who performs a step. */
export type Executor =
  /** A shell command of the project's. */
  | { readonly kind: 'run'; readonly run: string; readonly env: Readonly<Record<string, string>> }
  /** An action of Sluice itself, by the name under which it is registered. */
  | { readonly kind: 'sluice'; readonly capability: string; readonly with: Readonly<Record<string, unknown>> }
  /** Somebody of the directory who is no person: `via` says how to reach it. */
  | { readonly kind: 'agent'; readonly handle: string; readonly via: AgentVia }
  /** Waits until this person says that it is done; null: anybody. */
  | { readonly kind: 'person'; readonly person: string | null };

/** How an agent is reached. */
export type AgentVia =
  /** A command-line agent: the brief on its standard input, its work in the workspace. */
  | { readonly kind: 'command'; readonly run: string; readonly env: Readonly<Record<string, string>> }
  /** The built-in loop over a language model. */
  | { readonly kind: 'model'; readonly model: ModelBinding }
  /** One that asks for its next step over MCP. */
  | { readonly kind: 'mcp'; readonly client: string };

export interface ModelBinding {
  readonly protocol: 'openai' | 'anthropic';
  readonly name: string;
  /** Where the endpoint listens. */
  readonly url: string;
  /** Name of the environment variable that holds the key; null: none is sent. */
  readonly keyEnv: string | null;
  /** Performs `web_search`: gets the query on standard input and prints what it found. Left out: nothing does. */
  readonly webSearch?: { readonly run: string; readonly env: Readonly<Record<string, string>> };
  /** Ceilings of one step and of the whole run. Defaults 200,000 and 2,000,000 tokens. */
  readonly maxTokensPerStep: number;
  readonly maxTokensPerRun: number;
  /** US dollars per million tokens, and the ceilings in dollars; null: cost is not bounded. */
  readonly price: { readonly input: number; readonly output: number } | null;
  readonly maxCostPerStep: number | null;
  readonly maxCostPerRun: number | null;
}

/** An entry of the directory `agents:`. */
export interface AgentEntry {
  readonly handle: string;
  readonly person: string | null;
  readonly via: AgentVia | null;
  /** Where word for it goes: a shell command that gets the text on standard input, or an http address. Null: the log. */
  readonly notice: string | null;
  /** What its role says; from role documents and agent files. */
  readonly instructions: string | null;
  /** It may write outside the workspace. Default false. */
  readonly unconfined: boolean;
}
