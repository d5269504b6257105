import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { errorFacts } from '../base/sluice-error.ts';
import { guardRequest } from './guard-request.ts';
import type { ListenAddress } from './listen-address.ts';
import { makeServer } from './make-server.ts';
import type { McpParts } from './tool.ts';

export interface HttpDoor {
  readonly url: string;
  close(): Promise<void>;
}

/** More clients than a machine has; the one that was silent for longest leaves when another comes. */
const mostSessions = 64;
const largestBodyBytes = 1_048_576;

/** Serves any number of clients over streamable HTTP at `/mcp`, each in a session of its own. */
export async function serveHttp(
  parts: McpParts,
  { listen, token }: { readonly listen: ListenAddress; readonly token: string },
): Promise<HttpDoor> {
  const sessions = new Sessions(parts);
  const http = createServer((request, response) => {
    const { port } = http.address() as AddressInfo;
    const turned = guardRequest(request.headers, { port, token });
    if (turned !== null) return refuse(response, turned.status, turned);
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname !== '/mcp') return refuse(response, 404, notHere(pathname));
    sessions.handle(request, response).catch((error: unknown) => {
      parts.log(`mcp: ${errorFacts(error).message}`);
      if (!response.headersSent) refuse(response, 500, errorFacts(error));
      else response.destroy();
    });
  });
  http.listen({ host: listen.host, port: listen.port });
  await once(http, 'listening');
  const { address, family, port } = http.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}/mcp`,
    async close() {
      http.close();
      await sessions.close();
      http.closeAllConnections();
    },
  };
}

interface Session {
  readonly server: Server;
  readonly transport: StreamableHTTPServerTransport;
}

class Sessions {
  readonly #parts: McpParts;
  /** The one that spoke last is the last. */
  readonly #open = new Map<string, Session>();

  constructor(parts: McpParts) {
    this.#parts = parts;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const id = request.headers['mcp-session-id'];
    if (id === undefined) {
      const { transport } = await this.#begin();
      await transport.handleRequest(request, response);
      // Whoever did not introduce itself gets an answer and no session.
      if (transport.sessionId === undefined) await transport.close();
      return;
    }
    const session = typeof id === 'string' ? this.#open.get(id) : undefined;
    if (typeof id !== 'string' || session === undefined) return refuse(response, 404, sessionUnknown);
    this.#open.delete(id);
    this.#open.set(id, session);
    await session.transport.handleRequest(request, response);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map(({ server }) => server.close()));
  }

  async #begin(): Promise<Session> {
    const server = makeServer(this.#parts);
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      maxRequestBodySize: largestBodyBytes,
      onsessioninitialized: (id) => {
        this.#open.set(id, { server, transport });
        this.#makeRoom();
      },
    });
    server.onclose = () => {
      if (transport.sessionId !== undefined) this.#open.delete(transport.sessionId);
    };
    // The SDK declares its optional fields otherwise than it implements them.
    await server.connect(transport as Transport);
    return { server, transport };
  }

  #makeRoom(): void {
    const [oldest] = this.#open;
    if (oldest === undefined || this.#open.size <= mostSessions) return;
    this.#open.delete(oldest[0]);
    oldest[1].server.close().catch((error: unknown) => this.#parts.log(`mcp: ${errorFacts(error).message}`));
  }
}

interface Refused {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

function refuse(response: ServerResponse, status: number, { code, message, remedy }: Refused): void {
  const error = { code: -32_000, message, data: { code, remedy } };
  response.writeHead(status, {
    'Content-Type': 'application/json',
    ...(status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {}),
    // What was not read of a refused request must not be taken for the next one.
    Connection: 'close',
  });
  response.end(JSON.stringify({ jsonrpc: '2.0', error, id: null }));
}

const sessionUnknown: Refused = {
  code: 'session-unknown',
  message: 'There is no such session.',
  remedy: 'Begin a new one with `initialize`.',
};

function notHere(path: string): Refused {
  return { code: 'path-unknown', message: `There is nothing at ${path}.`, remedy: 'Use the path /mcp.' };
}
