import { chmod, mkdir, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { dirname } from 'node:path';
import { errorFacts, SluiceError } from '../base/sluice-error.ts';
import { withLockFile } from './lock-file.ts';
import type { Switchboard } from './switchboard.ts';

/** What the router says of itself under `GET /status`. */
export interface RouterStatus {
  readonly epoch: string;
  readonly pid: number;
  readonly targets: readonly string[];
}

export interface ControlServer {
  close(): Promise<void>;
}

const largestTable = 16 * 1024 * 1024;

/**
 * The controller's door, HTTP over a unix socket that only this user may open:
 *
 *   GET    /status                                      RouterStatus
 *   GET    /watch                                       stays open for as long as the router runs
 *   PUT    /targets/<target>/table                      RouteTable → Applied
 *   GET    /targets/<target>/applied                    Applied or null
 *   GET    /targets/<target>/counts                     TrafficCounts
 *   POST   /targets/<target>/instances/<id>/drained     {deadlineMs} → {cutOff}; answers when it is so
 *   DELETE /targets/<target>
 *
 * An error is a status from 400 up with the facts of a SluiceError. Rejects with `router-running`.
 */
export async function startControlServer(
  socketPath: string,
  { switchboard, epoch }: { readonly switchboard: Switchboard; readonly epoch: string },
): Promise<ControlServer> {
  await mkdir(dirname(socketPath), { recursive: true, mode: 0o700 });
  const status = (): RouterStatus => ({ epoch, pid: process.pid, targets: switchboard.targets() });
  const server = createServer((incoming, outgoing) => {
    void handle(incoming, outgoing, { switchboard, status });
  });
  server.requestTimeout = 0;
  // Of two routers that start at once after one was killed, the later must not remove the socket of the earlier.
  await withLockFile(`${socketPath}.lock`, async () => {
    if (await answers(socketPath)) throw running(socketPath);
    await rm(socketPath, { force: true });
    await listen(server, socketPath);
    await chmod(socketPath, 0o600);
  });
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function handle(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  room: { readonly switchboard: Switchboard; readonly status: () => RouterStatus },
): Promise<void> {
  try {
    if (incoming.url === '/watch') {
      outgoing.writeHead(200, { 'Content-Type': 'application/json' });
      outgoing.write(`${JSON.stringify(room.status())}\n`);
      return;
    }
    const answer = await route(incoming, outgoing, room);
    send(outgoing, 200, answer);
  } catch (error) {
    const facts = errorFacts(error);
    send(outgoing, facts.code === 'unexpected' ? 500 : 409, facts);
  }
}

async function route(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { switchboard, status }: { readonly switchboard: Switchboard; readonly status: () => RouterStatus },
): Promise<unknown> {
  const parts = (incoming.url ?? '').split('/').slice(1).map(decodeURIComponent);
  const [, target = '', third, instance = ''] = parts;
  const call = [incoming.method, parts[0], ...(parts.length > 2 ? [third] : []), ...parts.slice(4)].join(' ');
  switch (call) {
    case 'GET status':
      return status();
    case 'PUT targets table':
      return switchboard.apply(await readJson(incoming));
    case 'GET targets applied':
      return switchboard.applied(target);
    case 'GET targets counts':
      return switchboard.counts(target);
    case 'DELETE targets':
      return switchboard.remove(target);
    case 'POST targets instances drained': {
      const { deadlineMs } = (await readJson(incoming)) as { deadlineMs: unknown };
      if (typeof deadlineMs !== 'number' || !(deadlineMs >= 0))
        throw malformed('deadlineMs must be a number from 0 up');
      const left = new AbortController();
      outgoing.once('close', () => left.abort());
      return switchboard.drained(target, instance, { deadlineMs, signal: left.signal });
    }
    default:
      throw malformed(`there is no ${incoming.method} ${incoming.url}`);
  }
}

function send(outgoing: ServerResponse, status: number, value: unknown): void {
  if (outgoing.destroyed) return;
  const body = Buffer.from(JSON.stringify(value ?? null));
  outgoing.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': body.byteLength });
  outgoing.end(body);
}

async function readJson(incoming: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > largestTable) throw malformed('the body is larger than 16 MiB');
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString()) as unknown;
  } catch {
    throw malformed('the body is not JSON');
  }
}

function listen(server: Server, socketPath: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: Error) => {
      reject(
        new SluiceError({
          code: 'router-socket-failed',
          message: `The router cannot open its control socket ${socketPath}: ${cause.message}`,
          remedy: 'See that this user may write there and that the path is no longer than 100 bytes.',
          cause,
        }),
      );
    });
    server.listen(socketPath, resolve);
  });
}

/** A socket file that nobody answers on was left behind by a router that was killed. */
function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request({ socketPath, path: '/status', agent: false, timeout: 2_000 }, (response) => {
      response.resume();
      resolve(true);
    });
    asked.on('timeout', () => {
      asked.destroy();
      resolve(true);
    });
    asked.on('error', () => resolve(false));
    asked.end();
  });
}

function running(socketPath: string): SluiceError {
  return new SluiceError({
    code: 'router-running',
    message: `A router already answers on ${socketPath}.`,
    remedy: 'Use that one, or end it with `sluice down` before starting another.',
  });
}

function malformed(what: string): SluiceError {
  return new SluiceError({
    code: 'router-request-malformed',
    message: `The router does not understand the request: ${what}.`,
    remedy: 'The controller and the router are of different versions: restart both from one.',
  });
}
