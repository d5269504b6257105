import type { Readable, Writable } from 'node:stream';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { makeServer } from './make-server.ts';
import type { McpParts } from './tool.ts';

/** Serves the one client behind these streams until it is gone. Nothing but the protocol is written to `output`. */
export async function serveStdio(
  parts: McpParts,
  { input, output }: { readonly input: Readable; readonly output: Writable },
): Promise<void> {
  const server = makeServer(parts);
  const transport = new StdioServerTransport(input, output);
  const closed = new Promise<void>((resolve) => {
    server.onclose = resolve;
  });
  const leave = () => void server.close();
  input.once('end', leave).once('close', leave);
  // A client that is gone reads no more: what was being written is lost with it.
  output.on('error', leave);
  await server.connect(transport);
  await closed;
}
