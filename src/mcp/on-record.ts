import { errorFacts } from '../base/sluice-error.ts';
import type { McpParts } from './tool.ts';

/** A call as the journal keeps it. */
export interface Recorded {
  readonly client: string;
  readonly tool: string;
  readonly about: Readonly<Record<string, string>>;
}

/** Arguments that say what a call is about; texts that an agent wrote are kept where they are said. */
const keys = [
  'run',
  'step',
  'task',
  'subtask',
  'status',
  'service',
  'to',
  'unit',
  'release',
  'rollout',
  'kind',
  'bindings',
  'uri',
];
const longest = 300;

/** What of a call is kept in the journal: its name and what it is about, bounded. */
export function said(name: string, args: Readonly<Record<string, unknown>>): Omit<Recorded, 'client'> {
  const about = keys.flatMap((key) => {
    const value = args[key];
    return typeof value === 'string' && value !== '' ? [[key, value.slice(0, longest)] as const] : [];
  });
  const { documents } = args;
  if (Array.isArray(documents) && documents.length > 0)
    about.push(['documents', documents.join(', ').slice(0, longest) || '-']);
  return { tool: name.slice(0, longest) || '-', about: Object.fromEntries(about) };
}

/** Records a call, carries it out, and records its error. What cannot be recorded is not done. */
export async function onRecord<Answer>(
  recorded: Recorded,
  { ask, log }: McpParts,
  carryOut: () => Promise<Answer>,
): Promise<Answer> {
  await ask('mcpCalled', { ...recorded, failed: null });
  try {
    return await carryOut();
  } catch (error) {
    const { code } = errorFacts(error);
    // The client is told what went wrong with its call, whatever becomes of the record of it.
    await ask('mcpCalled', { ...recorded, failed: code }).catch((missed) =>
      log(`mcp: ${errorFacts(missed).message}`),
    );
    throw error;
  }
}
