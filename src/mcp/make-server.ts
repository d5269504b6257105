import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import {
  CallToolRequestSchema,
  type CallToolResult,
  ErrorCode,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListToolsRequestSchema,
  McpError,
  ReadResourceRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { Ajv, type ValidateFunction } from 'ajv';
import { type ErrorFacts, errorFacts, SluiceError } from '../base/sluice-error.ts';
import { actorOf, clientName } from './actor.ts';
import { releaseTools } from './release-tools.ts';
import { listResources, readResource, resourceTemplates } from './resources.ts';
import { stepTools } from './step-tools.ts';
import { taskTools } from './task-tools.ts';
import type { Calling, McpParts, Tool, ToolNature } from './tool.ts';
import { workflowTools } from './workflow-tools.ts';

export const tools: readonly Tool[] = [...workflowTools, ...stepTools, ...taskTools, ...releaseTools];

const instructions = `Sluice runs workflow documents and releases, and verifies everything itself.
Begin with workflow_list. In a run: get_next_step, do what its brief says with the tools that it names, then complete_step.
Nobody takes your word that a step is done: each criterion is looked at, and complete_step answers with what was found.
Approving, accepting, retrying, skipping and cancelling are for people.`;

const ajv = new Ajv({ allErrors: true, strictTypes: false });
const validators = new Map<string, ValidateFunction>();

/** A server for one client, to be connected to a transport. Each call goes on record before it is carried out. */
export function makeServer(parts: McpParts): Server {
  const server = new Server(
    { name: 'sluice', title: 'Sluice', version: parts.version },
    { capabilities: { tools: {}, resources: {} }, instructions },
  );
  const client = () => clientName(server.getClientVersion());
  server.onerror = (error) => parts.log(`mcp: ${error.message}`);
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: tools.map(described) }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, { signal, _meta, sendNotification }) => {
    const token = _meta?.progressToken;
    let told = 0;
    const progress = (message: string) => {
      if (token === undefined) return;
      told += 1;
      const said = { progressToken: token, progress: told, message };
      // A client that is gone needs no progress; the call ends by its signal.
      sendNotification({ method: 'notifications/progress', params: said }).catch(() => {});
    };
    const calling: Calling = { ...parts, actor: actorOf(client()), signal, progress };
    return callTool(params.name, params.arguments ?? {}, { calling, client: client() });
  });
  server.setRequestHandler(ListResourcesRequestSchema, () =>
    asProtocol(async () => ({
      resources: [
        ...(await onRecord({ ...said('resources/list', {}), client: client() }, parts, () =>
          listResources(parts),
        )),
      ],
    })),
  );
  server.setRequestHandler(ListResourceTemplatesRequestSchema, () => ({
    resourceTemplates: [...resourceTemplates],
  }));
  server.setRequestHandler(ReadResourceRequestSchema, ({ params: { uri } }) =>
    asProtocol(async () => ({
      contents: [
        await onRecord({ ...said('resources/read', { uri }), client: client() }, parts, () =>
          readResource(uri, parts),
        ),
      ],
    })),
  );
  return server;
}

async function callTool(
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

interface Recorded {
  readonly client: string;
  readonly tool: string;
  readonly about: Readonly<Record<string, string>>;
}

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
function said(name: string, args: Readonly<Record<string, unknown>>): Omit<Recorded, 'client'> {
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
async function onRecord<Answer>(
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

function checkArguments(found: Tool, args: unknown): void {
  const validate = validators.get(found.name) ?? ajv.compile(found.input);
  validators.set(found.name, validate);
  if (validate(args)) return;
  const problems = (validate.errors ?? []).map(({ instancePath, message, params }) => {
    const extra = typeof params.additionalProperty === 'string' ? ` (${params.additionalProperty})` : '';
    const allowed = Array.isArray(params.allowedValues) ? `: ${params.allowedValues.join(', ')}` : '';
    return `${instancePath === '' ? 'the arguments' : instancePath.slice(1)} ${message}${extra}${allowed}`;
  });
  throw new SluiceError({
    code: 'arguments-invalid',
    message: `${found.name} cannot be called so: ${problems.join('; ')}.`,
    remedy: `It takes ${Object.keys(found.input.properties).join(', ') || 'nothing'}; its schema says more.`,
    details: { problems },
  });
}

function unknownTool(name: string): SluiceError {
  return new SluiceError({
    code: 'tool-unknown',
    message: `There is no tool ${name.slice(0, longest)}.`,
    remedy: 'The list of tools names those that there are.',
  });
}

/** Resources have no place for an error in their answer. */
async function asProtocol<Answer>(work: () => Promise<Answer>): Promise<Answer> {
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

function protocolError(status: number, { code, message, remedy, details }: ErrorFacts): McpError {
  return new McpError(status, message, { code, remedy, ...(details === undefined ? {} : { details }) });
}

const hints: Readonly<Record<ToolNature, object>> = {
  reads: { readOnlyHint: true, destructiveHint: false, openWorldHint: false },
  changes: { readOnlyHint: false, destructiveHint: false, openWorldHint: false },
  acts: { readOnlyHint: false, destructiveHint: true, openWorldHint: true },
};

/** As the client is told of a tool. */
function described({ name, title, description, nature, input, output }: Tool) {
  return {
    name,
    title,
    description,
    inputSchema: { ...input, required: [...(input.required ?? [])] },
    outputSchema: { ...output },
    annotations: { title, ...hints[nature] },
  };
}
