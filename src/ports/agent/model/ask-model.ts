import type { LanguageModel, ModelMessage, ToolSet } from 'ai';
import type { Clock } from '../../../base/clock.ts';
import type { AgentReach } from '../port.ts';
import { modelFetch } from './model-fetch.ts';
import type { ModelTool } from './tool.ts';

export type ModelReach = Extract<AgentReach, { kind: 'model' }>;

export interface ToolCall {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** Why it cannot be performed: no such tool, arguments that do not fit. */
  readonly fault: string | null;
}

/** One turn of the model's. */
export interface Reply {
  readonly text: string;
  readonly calls: readonly ToolCall[];
  /** `cut`: the answer was longer than one may be. */
  readonly end: 'complete' | 'cut' | 'refused';
  readonly usage: { readonly input: number; readonly output: number };
}

export interface Question {
  readonly instructions: string;
  readonly messages: readonly ModelMessage[];
  readonly tools: readonly ModelTool[];
  /** Tokens that the answer may have; one that goes on beyond is broken off, with `end: 'cut'`. */
  readonly mostTokens: number;
  readonly signal: AbortSignal;
}

export type AskModel = (question: Question) => Promise<Reply>;

/** Letters of one token where the endpoint does not count: rather too many tokens than too few. */
const lettersPerToken = 3;
/** The Anthropic protocol wants a bound on every answer. */
const usualTokens = 16_384;

/** The AI SDK is loaded by the first model that is asked; nobody else waits for it. */
export async function connectModel(
  { model }: ModelReach,
  key: string | null,
  clock: Clock,
): Promise<AskModel> {
  const sdk = await import('ai');
  // It would print warnings to the output of the controller.
  Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false });
  const { url: baseURL, name } = model;
  const bounded = model.protocol === 'anthropic';
  const chat: LanguageModel = bounded
    ? (await import('@ai-sdk/anthropic')).createAnthropic({
        baseURL,
        // Without one it would look for a key in the environment.
        apiKey: key ?? 'none',
        fetch: modelFetch(clock, key === null ? ['x-api-key'] : []),
      })(name)
    : (await import('@ai-sdk/openai-compatible')).createOpenAICompatible({
        name: 'model',
        baseURL,
        ...(key === null ? {} : { apiKey: key }),
        includeUsage: true,
        fetch: modelFetch(clock, []),
      })(name);

  return async ({ instructions, messages, tools, mostTokens, signal }) => {
    // Whoever stops reading has not yet ended the request.
    const over = new AbortController();
    const result = sdk.streamText({
      model: chat,
      instructions,
      messages: [...messages],
      tools: toolSet(sdk, tools),
      ...(bounded ? { maxOutputTokens: Math.max(1, Math.min(usualTokens, mostTokens)) } : {}),
      // Retries are ours: on our clock, and within the time of the run.
      maxRetries: 0,
      abortSignal: AbortSignal.any([signal, over.signal]),
      includeRawChunks: true,
      onError: () => undefined,
    });
    const [asked, mostLetters] = [lettersOf(instructions, messages), mostTokens * lettersPerToken];
    return collect(result.stream, { mostLetters, signal, asked }).finally(() => over.abort());
  };
}

/** Arguments are checked where calls are answered; here the model is told of their form. */
function toolSet(sdk: typeof import('ai'), tools: readonly ModelTool[]): ToolSet {
  const set: ToolSet = {};
  for (const { name, description, parameters } of tools) {
    const schema = { ...parameters, required: [...parameters.required] } as object;
    set[name] = { description, inputSchema: sdk.jsonSchema(schema) };
  }
  return set;
}

type Part = { readonly type: string } & Readonly<Record<string, unknown>>;

async function collect(
  stream: AsyncIterable<unknown>,
  { mostLetters, signal, asked }: { mostLetters: number; signal: AbortSignal; asked: number },
): Promise<Reply> {
  let [text, letters, refused, end] = ['', 0, false, 'complete' as Reply['end']];
  const calls: ToolCall[] = [];
  let usage: { inputTokens?: number | undefined; outputTokens?: number | undefined } = {};
  for await (const part of stream as AsyncIterable<Part>) {
    if (part.type === 'error') throw part.error;
    if (part.type === 'text-delta') text += part.text;
    if (part.type === 'raw') refused ||= saysRefusal(part.rawValue);
    if (part.type === 'tool-call') calls.push(callOf(part));
    if (part.type === 'finish-step') {
      usage = part.usage as typeof usage;
      if (part.finishReason === 'length') end = 'cut';
      if (part.finishReason === 'content-filter') refused = true;
    }
    letters += lettersIn(part);
    if (letters > mostLetters) {
      end = 'cut';
      break;
    }
  }
  signal.throwIfAborted();
  return {
    text,
    calls,
    end: refused ? 'refused' : end,
    usage: {
      input: usage.inputTokens || Math.ceil(asked / lettersPerToken),
      output: usage.outputTokens || Math.ceil(letters / lettersPerToken),
    },
  };
}

function callOf(part: Part): ToolCall {
  const { toolName, input, invalid, error } = part;
  const fits = typeof input === 'object' && input !== null && !Array.isArray(input);
  const said = error instanceof Error ? error.message : String(error ?? 'its arguments are no JSON object');
  return {
    name: String(toolName),
    input: fits ? (input as Record<string, unknown>) : {},
    fault: invalid === true || !fits ? said.slice(0, 1_000) : null,
  };
}

function lettersIn(part: Part): number {
  if (!part.type.endsWith('-delta')) return 0;
  return String(part.text ?? part.delta ?? part.inputTextDelta ?? '').length;
}

/** The OpenAI protocol has a field of its own for what a model declines; the SDK gives it as text like any other. */
function saysRefusal(raw: unknown): boolean {
  const { choices } = (raw ?? {}) as { choices?: readonly { delta?: { refusal?: unknown } }[] };
  const refusal = Array.isArray(choices) ? choices[0]?.delta?.refusal : null;
  return typeof refusal === 'string' && refusal !== '';
}

function lettersOf(instructions: string, messages: readonly ModelMessage[]): number {
  return instructions.length + JSON.stringify(messages).length;
}
