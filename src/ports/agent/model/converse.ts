import type { ModelMessage } from 'ai';
import type { Clock } from '../../../base/clock.ts';
import type { AgentOutcome } from '../port.ts';
import type { AskModel, Reply, ToolCall } from './ask-model.ts';
import type { Budget } from './budget.ts';
import { inputFault } from './input-fault.ts';
import { Repetition } from './repetition.ts';
import { type ModelTool, ToolFault } from './tool.ts';
import { withRetries } from './with-retries.ts';
import type { Words } from './words.ts';

export interface Conversation {
  readonly ask: AskModel;
  readonly instructions: string;
  readonly brief: string;
  readonly tools: readonly ModelTool[];
  /** Tools that were asked for although nobody answers them here, and why. */
  readonly absent: ReadonlyMap<string, string>;
  readonly budget: Budget;
  readonly words: Words;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export type Ending = Pick<AgentOutcome, 'ended' | 'reason'>;

const mostTurns = 60;
const mostCallsOfATurn = 32;
/** Answers without a word or a call, one after the other. */
const mostSilent = 2;
/** Of a tool's answer, how much the model reads. */
const keptLetters = 40_000;

/** Lets the model work with its tools until it says that it is done, declines, or reaches a bound. Throws when `signal` is aborted. */
export async function converse(conversation: Conversation): Promise<Ending> {
  const { budget, words, brief, clock, signal } = conversation;
  const messages: ModelMessage[] = [{ role: 'user', content: brief }];
  const repetition = new Repetition();
  let silent = 0;
  for (let turn = 1; turn <= mostTurns; turn += 1) {
    signal.throwIfAborted();
    const ceiling = budget.reached();
    if (ceiling !== null) return { ended: 'refused', reason: ceiling };
    const reply = await withRetries(clock, signal, () => askOnce(conversation, messages));
    budget.spend(reply.usage);
    words.add(reply.text);
    if (reply.end === 'refused')
      return {
        ended: 'refused',
        reason: `The model declined: ${reply.text.slice(-500) || 'it said no more'}`,
      };
    if (reply.calls.length === 0) {
      if (reply.end === 'complete' && reply.text.trim() !== '') return { ended: 'done', reason: null };
      silent = reply.text.trim() === '' ? silent + 1 : 0;
      if (silent === mostSilent)
        return { ended: 'failed', reason: 'The model answered without a word and without a call.' };
      messages.push(...spoken(reply), { role: 'user', content: nudge(reply) });
      continue;
    }
    silent = 0;
    const over = await perform(conversation, reply, messages, { turn, repetition });
    if (over !== null) return over;
  }
  return { ended: 'failed', reason: `The model had not ended after ${mostTurns} turns.` };
}

function askOnce(
  { ask, instructions, tools, budget, signal }: Conversation,
  messages: readonly ModelMessage[],
): Promise<Reply> {
  return ask({ instructions, messages, tools, mostTokens: budget.left, signal });
}

function spoken({ text }: Reply): readonly ModelMessage[] {
  return text.trim() === '' ? [] : [{ role: 'assistant', content: text }];
}

function nudge({ end }: Reply): string {
  if (end === 'cut') return 'You were cut off: one answer may not be that long. Go on in smaller parts.';
  return 'You said nothing and called no tool. Go on with the step, or say in words that you are done.';
}

/** Performs the calls of a turn in order and adds them with their answers. An ending: the model went round in circles. */
async function perform(
  conversation: Conversation,
  reply: Reply,
  messages: ModelMessage[],
  { turn, repetition }: { readonly turn: number; readonly repetition: Repetition },
): Promise<Ending | null> {
  const asked: object[] = [];
  const answers: object[] = [];
  for (const [index, call] of reply.calls.slice(0, mostCallsOfATurn).entries()) {
    const seen = repetition.see(call);
    if (seen === 'over') {
      return {
        ended: 'failed',
        reason: `The model called ${call.name} with the same arguments again and again.`,
      };
    }
    // Ids of the model's own need not be unique, nor of a form that the other side takes back.
    const [toolCallId, toolName] = [`call_${turn}_${index}`, nameFor(call)];
    const output = await answerTo(conversation, call, seen);
    asked.push({ type: 'tool-call', toolCallId, toolName, input: call.input });
    answers.push({ type: 'tool-result', toolCallId, toolName, output });
  }
  const said = reply.text.trim() === '' ? [] : [{ type: 'text', text: reply.text }];
  messages.push(
    { role: 'assistant', content: [...said, ...asked] } as ModelMessage,
    { role: 'tool', content: answers } as ModelMessage,
  );
  if (reply.calls.length > mostCallsOfATurn) {
    messages.push({ role: 'user', content: `Only the first ${mostCallsOfATurn} calls were performed.` });
  }
  return null;
}

/** Endpoints refuse names of another form, even of what was said before. */
function nameFor({ name }: ToolCall): string {
  return name.replace(/[^a-zA-Z0-9_-]/g, '_').slice(0, 64) || 'nameless';
}

async function answerTo(
  { tools, absent, words, signal }: Conversation,
  call: ToolCall,
  seen: 'new' | 'told',
): Promise<{ readonly type: 'text' | 'error-text'; readonly value: string }> {
  const told = (type: 'text' | 'error-text', value: string) => {
    words.add(
      `[${call.name} ${JSON.stringify(call.input).slice(0, 200)}: ${type === 'text' ? 'ok' : value.slice(0, 300)}]`,
    );
    return { type, value: `${value.slice(0, keptLetters)}${seen === 'told' ? circling : ''}` };
  };
  const tool = tools.find(({ name }) => name === call.name);
  if (tool === undefined) return told('error-text', absent.get(call.name) ?? notListed(call, tools));
  if (call.fault !== null) return told('error-text', `The call cannot be understood: ${call.fault}`);
  const fault = inputFault(tool.parameters, call.input);
  if (fault !== null) return told('error-text', `The arguments do not fit: ${fault}.`);
  try {
    signal.throwIfAborted();
    return told('text', await tool.perform(call.input, signal));
  } catch (error) {
    if (error instanceof ToolFault) return told('error-text', error.message);
    throw error;
  }
}

const circling =
  '\n(You made this very call three times in a row. Do something else; one more ends your work.)';

function notListed({ name }: ToolCall, tools: readonly ModelTool[]): string {
  return `There is no tool ${name}, or this step may not use it. There are: ${tools.map((tool) => tool.name).join(', ')}.`;
}
