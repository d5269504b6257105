import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';

/** What the endpoint does with one request. */
export type Turn =
  | {
      readonly text?: string;
      readonly calls?: readonly { readonly name: string; readonly input: unknown }[];
      /** Instead of the JSON of `input`: what stands in its place on the wire. */
      readonly rawInput?: string;
      readonly end?: 'complete' | 'length' | 'refusal' | 'filter';
      readonly usage?: { readonly input: number; readonly output: number } | null;
    }
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  /** `silent`: it takes the request and sends nothing. `broken`: the stream ends in the middle. `endless`: it never ends. */
  | { readonly does: 'silent' | 'broken' | 'endless' };

type Answer = Extract<Turn, { readonly text?: string }>;

export interface AskedOf {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: {
    readonly model: string;
    readonly stream: boolean;
    readonly messages: readonly { readonly role: string; readonly content: unknown }[];
    readonly tools?: readonly { readonly name?: string; readonly function?: { readonly name: string } }[];
    readonly max_tokens?: number;
  };
}

export type Protocol = 'openai' | 'anthropic';

/**
 * An endpoint on the loopback that speaks the streamed protocols of chat completions and of messages. It checks what the real
 * ones check: that every tool call is answered, by its id, before anything else is said.
 */
export class FakeModelServer {
  readonly asked: AskedOf[] = [];
  readonly url: string;
  readonly #close: () => Promise<void>;
  readonly #waiters = new Set<() => void>();

  private constructor(url: string, close: () => Promise<void>) {
    this.url = url;
    this.#close = close;
  }

  /** `turns` are taken in order; the last one again and again. */
  static async open(protocol: Protocol, turns: readonly Turn[]): Promise<FakeModelServer> {
    const server = createServer((request, response) => {
      void answer(request, response).catch((error: Error) => response.writeHead(500).end(error.message));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const fake = new FakeModelServer(`http://127.0.0.1:${port}/v1`, async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    });
    return fake;

    async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
      const body = JSON.parse(await textOf(request)) as AskedOf['body'];
      fake.#note({ path: request.url ?? '', headers: request.headers, body });
      const turn = turns[Math.min(fake.asked.length, turns.length) - 1] ?? { text: 'done' };
      const fault = faultOf(protocol, request, body);
      if (fault !== null) return refuse(response, protocol, 400, fault);
      if ('status' in turn) {
        for (const [name, value] of Object.entries(turn.headers ?? {})) response.setHeader(name, value);
        return refuse(response, protocol, turn.status, turn.body ?? 'so it is scripted');
      }
      if ('does' in turn) return misbehave(response, protocol, turn.does);
      await stream(response, protocol === 'openai' ? openai(turn) : anthropic(turn));
    }
  }

  /** Resolves once so many requests have come. */
  async askedTimes(count: number): Promise<void> {
    while (this.asked.length < count) await new Promise<void>((resolve) => this.#waiters.add(resolve));
  }

  close(): Promise<void> {
    return this.#close();
  }

  #note(asked: AskedOf): void {
    this.asked.push(asked);
    for (const wake of this.#waiters) wake();
    this.#waiters.clear();
  }
}

/** Names of the tools that a request offers. */
export function toolNames({ body }: AskedOf): readonly string[] {
  return (body.tools ?? []).map((tool) => tool.function?.name ?? tool.name ?? '');
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}

/** What the real endpoints answer with 400 or 404. */
function faultOf(protocol: Protocol, request: IncomingMessage, body: AskedOf['body']): string | null {
  const path = protocol === 'openai' ? '/v1/chat/completions' : '/v1/messages';
  if (request.url !== path) return `no such path: ${request.url}`;
  if (body.stream !== true) return 'this fake only streams';
  if (protocol === 'anthropic' && typeof body.max_tokens !== 'number') return 'max_tokens: Field required';
  for (const [index, message] of body.messages.entries()) {
    const unanswered = callIds(message).filter(
      (id) => !answerIds(protocol, body.messages.slice(index + 1)).has(id),
    );
    if (unanswered.length > 0) return `tool calls without an answer: ${unanswered.join(', ')}`;
  }
  return null;
}

type Block = { readonly type?: string; readonly id?: string; readonly tool_use_id?: string };
type Message = {
  readonly content: unknown;
  readonly tool_calls?: readonly { readonly id: string }[];
  readonly tool_call_id?: string;
};

function callIds(message: Message): readonly string[] {
  const blocks = Array.isArray(message.content) ? (message.content as readonly Block[]) : [];
  const used = blocks.filter(({ type }) => type === 'tool_use').map(({ id }) => id ?? '');
  return [...used, ...(message.tool_calls ?? []).map(({ id }) => id)];
}

/** Ids that the next messages answer: of messages, those of the next one only. */
function answerIds(protocol: Protocol, rest: readonly Message[]): ReadonlySet<string> {
  if (protocol === 'openai')
    return new Set(rest.flatMap(({ tool_call_id: id }) => (id === undefined ? [] : [id])));
  const blocks = Array.isArray(rest[0]?.content) ? (rest[0].content as readonly Block[]) : [];
  return new Set(blocks.flatMap(({ tool_use_id: id }) => (id === undefined ? [] : [id])));
}

function refuse(response: ServerResponse, protocol: Protocol, status: number, message: string): void {
  const error = { type: 'scripted', message };
  const body = protocol === 'openai' ? { error } : { type: 'error', error };
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function misbehave(
  response: ServerResponse,
  protocol: Protocol,
  does: 'silent' | 'broken' | 'endless',
): Promise<void> {
  if (does === 'silent') return;
  const events =
    protocol === 'openai'
      ? openai({ text: 'endless '.repeat(50) })
      : anthropic({ text: 'endless '.repeat(50) });
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const [opening, middle] =
    protocol === 'openai' ? [events.slice(0, 1), events[1]] : [events.slice(0, 2), events[2]];
  for (const event of opening) response.write(event);
  if (does === 'broken') {
    response.write(middle, () => response.destroy());
    return;
  }
  let gone = false;
  response.once('close', () => {
    gone = true;
  });
  for (; !gone; await setImmediate()) response.write(middle);
}

async function stream(response: ServerResponse, events: readonly string[]): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const event of events) response.write(event);
  response.end();
}

/** Halves, because real endpoints send arguments in pieces. */
function pieces(text: string): readonly string[] {
  const middle = Math.ceil(text.length / 2);
  return [text.slice(0, middle), text.slice(middle)].filter((piece) => piece !== '');
}

function openai({
  text = '',
  calls = [],
  rawInput,
  end = 'complete',
  usage = { input: 100, output: 20 },
}: Answer): string[] {
  const data = (value: object) => `data: ${JSON.stringify(value)}\n\n`;
  const chunk = (delta: object, finish_reason: string | null = null) =>
    data({
      id: 'c',
      object: 'chat.completion.chunk',
      created: 1,
      model: 'm',
      choices: [{ index: 0, delta, finish_reason }],
    });
  const said =
    end === 'refusal'
      ? pieces(text).map((refusal) => chunk({ refusal }))
      : pieces(text).map((content) => chunk({ content }));
  const called = calls.flatMap(({ name, input }, index) => [
    chunk({ tool_calls: [{ index, id: 'same-id', type: 'function', function: { name, arguments: '' } }] }),
    ...pieces(rawInput ?? JSON.stringify(input)).map((part) =>
      chunk({ tool_calls: [{ index, function: { arguments: part } }] }),
    ),
  ]);
  const finish = {
    complete: calls.length > 0 ? 'tool_calls' : 'stop',
    length: 'length',
    refusal: 'stop',
    filter: 'content_filter',
  }[end];
  const counted =
    usage === null
      ? []
      : [
          data({
            id: 'c',
            object: 'chat.completion.chunk',
            created: 1,
            model: 'm',
            choices: [],
            usage: {
              prompt_tokens: usage.input,
              completion_tokens: usage.output,
              total_tokens: usage.input + usage.output,
            },
          }),
        ];
  return [
    chunk({ role: 'assistant', content: '' }),
    ...said,
    ...called,
    chunk({}, finish),
    ...counted,
    'data: [DONE]\n\n',
  ];
}

function anthropic({
  text = '',
  calls = [],
  rawInput,
  end = 'complete',
  usage = { input: 100, output: 20 },
}: Answer): string[] {
  const event = (type: string, value: object) =>
    `event: ${type}\ndata: ${JSON.stringify({ type, ...value })}\n\n`;
  const block = (index: number, content_block: object, deltas: readonly object[]) => [
    event('content_block_start', { index, content_block }),
    ...deltas.map((delta) => event('content_block_delta', { index, delta })),
    event('content_block_stop', { index }),
  ];
  const said =
    text === ''
      ? []
      : block(
          0,
          { type: 'text', text: '' },
          pieces(text).map((piece) => ({ type: 'text_delta', text: piece })),
        );
  const called = calls.flatMap(({ name, input }, index) =>
    block(
      index + 1,
      { type: 'tool_use', id: `toolu_${index}`, name, input: {} },
      pieces(rawInput ?? JSON.stringify(input)).map((partial_json) => ({
        type: 'input_json_delta',
        partial_json,
      })),
    ),
  );
  const stop_reason = {
    complete: calls.length > 0 ? 'tool_use' : 'end_turn',
    length: 'max_tokens',
    refusal: 'refusal',
    filter: 'refusal',
  }[end];
  const [input_tokens, output_tokens] = [usage?.input ?? 0, usage?.output ?? 0];
  return [
    event('message_start', {
      message: {
        id: 'm',
        type: 'message',
        role: 'assistant',
        model: 'm',
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens, output_tokens: 1 },
      },
    }),
    ...said,
    ...called,
    event('message_delta', { delta: { stop_reason, stop_sequence: null }, usage: { output_tokens } }),
    event('message_stop', {}),
  ];
}
