import { type CallToolResult, ErrorCode } from '@modelcontextprotocol/sdk/types.js';
import { errorFacts, SluiceError } from '../base/sluice-error.ts';
import { checkArguments } from './check-arguments.ts';
import { onRecord, said } from './on-record.ts';
import { protocolError } from './protocol-error.ts';
import { releaseTools } from './release-tools.ts';
import { stepTools } from './step-tools.ts';
import { taskTools } from './task-tools.ts';
import type { Calling, Tool } from './tool.ts';
import { workflowTools } from './workflow-tools.ts';

export const tools: readonly Tool[] = [...workflowTools, ...stepTools, ...taskTools, ...releaseTools];

/** A refusal is an answer that the agent can act on; only an unknown tool is an error of the protocol. */
export async function callTool(
  name: string,
  args: Readonly<Record<string, unknown>>,
  { calling, client }: { readonly calling: Calling; readonly client: string },
): Promise<CallToolResult> {
  const found = tools.find((one) => one.name === name);
  try {
    const answer = await onRecord({ ...said(name, args), client }, calling, async () => {
      if (found === undefined) throw unknownTool(name);
      checkArguments(found, args);
      return found.call(args as never, calling);
    });
    const text = found?.text?.(answer as never) ?? JSON.stringify(answer, null, 2);
    return { content: [{ type: 'text', text }], structuredContent: { ...answer } };
  } catch (error) {
    const facts = errorFacts(error);
    // An unknown tool is a mistake of the client's program; everything else is for the agent to read and act on.
    if (facts.code === 'tool-unknown') throw protocolError(ErrorCode.InvalidParams, facts);
    return {
      isError: true,
      content: [{ type: 'text', text: `${facts.message}\n→ ${facts.remedy}\n(${facts.code})` }],
      structuredContent: { error: facts },
    };
  }
}

function unknownTool(name: string): SluiceError {
  return new SluiceError({
    code: 'tool-unknown',
    message: `There is no tool ${name.slice(0, 100)}.`,
    remedy: 'The list of tools names those that there are.',
  });
}
