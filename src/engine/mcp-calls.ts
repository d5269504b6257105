import type { Clock } from '../base/clock.ts';
import { SluiceError } from '../base/sluice-error.ts';
import type { Journal, Lease, NewEvent } from '../journal/journal.ts';

/** One call of an MCP client, told before it is carried out, and told again when it failed. */
export interface McpCall {
  /** What the client calls itself: `claude-code`. */
  readonly client: string;
  /** Name of the tool, or `resources/read` and its like. */
  readonly tool: string;
  /** What it is about: `{service: "web", to: "production"}`, `{step: "P01-T01-S01"}`. */
  readonly about: Readonly<Record<string, string>>;
  /** Null before it is carried out; then the code of the error that came of it. */
  readonly failed: string | null;
}

export interface McpCallsApi {
  /** Puts a call of an MCP client on record. Rejects with `call-malformed`. */
  mcpCalled(params: McpCall): Promise<{ readonly done: true }>;
}

interface Options {
  readonly journal: Pick<Journal, 'append'>;
  readonly clock: Clock;
  readonly lease: Pick<Lease, 'name' | 'fence'>;
}

export const mcpStream = 'mcp';
const longest = 500;

/** Writes calls of MCP clients into a stream of their own, one after the other. */
export class McpCalls {
  readonly #options: Options;
  #version = 0;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: Options) {
    this.#options = options;
  }

  /** `user`: who opened the door through which the client came. */
  async record(user: string, call: McpCall): Promise<{ readonly done: true }> {
    const { client, tool, about, failed } = checked(call);
    const data = { tool, about, user };
    const said =
      failed === null
        ? { type: 'McpToolCalled', data }
        : { type: 'McpToolFailed', data: { ...data, code: failed } };
    const event = { ...said, at: this.#options.clock.now(), actor: `mcp:${client}` };
    const mine = this.#turn.then(() => this.#append(event));
    // Whoever comes next does not fail because this one did.
    this.#turn = mine.catch(() => {});
    await mine;
    return { done: true };
  }

  async #append(event: NewEvent): Promise<void> {
    const { journal, lease } = this.#options;
    let result = await journal.append(mcpStream, this.#version, [event], { lease });
    // Nobody else writes there; it is only not known how many calls earlier controllers recorded.
    if (result.kind === 'version-conflict')
      result = await journal.append(mcpStream, result.actualVersion, [event], { lease });
    if (result.kind === 'appended') this.#version = result.events.at(-1)?.version ?? this.#version;
    else throw notRecorded(result.kind === 'fenced' ? `${result.holder} has the lease` : result.kind);
  }
}

function checked(call: McpCall): McpCall {
  const { client, tool, about, failed } = call;
  const texts: readonly unknown[] = [client, tool, ...(isRecord(about) ? Object.values(about) : [about])];
  const fit = (text: unknown) => typeof text === 'string' && text.length > 0 && text.length <= longest;
  if (texts.every(fit) && texts.length < 20 && (failed === null || fit(failed))) return call;
  throw new SluiceError({
    code: 'call-malformed',
    message: 'A call of an MCP client could not be recorded: a text is missing or too long.',
    remedy: `Send client, tool, about and failed as texts of at most ${longest} characters.`,
  });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function notRecorded(why: string): SluiceError {
  return new SluiceError({
    code: 'call-not-recorded',
    message: `The call could not be written into the journal: ${why}.`,
    remedy: 'Call again; `sluice doctor` tells which controller holds the state directory.',
  });
}
