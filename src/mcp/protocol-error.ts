import { ErrorCode, McpError } from '@modelcontextprotocol/sdk/types.js';
import { type ErrorFacts, errorFacts } from '../base/sluice-error.ts';

/** Resources have no place for an error in their answer. */
export async function asProtocol<Answer>(work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    const facts = errorFacts(error);
    const missing = ['resource-unknown', 'document-unknown', 'run-unknown', 'rollout-unknown'].includes(
      facts.code,
    );
    throw protocolError(missing ? resourceNotFound : ErrorCode.InternalError, facts);
  }
}

/** Of the protocol; the SDK has no name for it. */
const resourceNotFound = -32_002;

export function protocolError(status: number, { code, message, remedy, details }: ErrorFacts): McpError {
  return new McpError(status, message, { code, remedy, ...(details === undefined ? {} : { details }) });
}
