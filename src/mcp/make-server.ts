import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import {
  CallToolRequestSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListToolsRequestSchema,
  ReadResourceRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { actorOf, clientName } from './actor.ts';
import { callTool, tools } from './call-tool.ts';
import { onRecord, said } from './on-record.ts';
import { asProtocol } from './protocol-error.ts';
import { listResources, readResource, resourceTemplates } from './resources.ts';
import type { Calling, McpParts, Tool, ToolNature } from './tool.ts';

const instructions = `Sluice runs workflow documents and releases, and verifies everything itself.
Begin with workflow_list. In a run: get_next_step, do what its brief says with the tools that it names, then complete_step.
Nobody takes your word that a step is done: each criterion is looked at, and complete_step answers with what was found.
Approving, accepting, retrying, skipping and cancelling are for people.`;

/** A server for one client, to be connected to a transport. Each call goes on record before it is carried out. */
export function makeServer(parts: McpParts): Server {
  const server = new Server(
    { name: 'sluice', title: 'Sluice', version: parts.version },
    { capabilities: { tools: {}, resources: {} }, instructions },
  );
  server.onerror = (error) => parts.log(`mcp: ${error.message}`);
  serveTools(server, parts);
  serveResources(server, parts);
  return server;
}

function serveTools(server: Server, parts: McpParts): void {
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: tools.map(described) }));
  server.setRequestHandler(CallToolRequestSchema, ({ params }, { signal, _meta, sendNotification }) => {
    const token = _meta?.progressToken;
    let told = 0;
    const progress = (message: string) => {
      if (token === undefined) return;
      told += 1;
      const params = { progressToken: token, progress: told, message };
      // A client that is gone needs no progress; the call ends by its signal.
      sendNotification({ method: 'notifications/progress', params }).catch(() => {});
    };
    const client = clientName(server.getClientVersion());
    const calling: Calling = { ...parts, actor: actorOf(client), signal, progress };
    return callTool(params.name, params.arguments ?? {}, { calling, client });
  });
}

function serveResources(server: Server, parts: McpParts): void {
  const recorded = <Answer>(method: string, about: object, work: () => Promise<Answer>) => {
    const client = clientName(server.getClientVersion());
    return asProtocol(() => onRecord({ ...said(method, { ...about }), client }, parts, work));
  };
  server.setRequestHandler(ListResourcesRequestSchema, ({ method }) =>
    recorded(method, {}, async () => ({ resources: [...(await listResources(parts))] })),
  );
  server.setRequestHandler(ListResourceTemplatesRequestSchema, () => ({
    resourceTemplates: [...resourceTemplates],
  }));
  server.setRequestHandler(ReadResourceRequestSchema, ({ method, params: { uri } }) =>
    recorded(method, { uri }, async () => ({ contents: [await readResource(uri, parts)] })),
  );
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
