import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { errorFacts, SluiceError } from '../base/sluice-error.ts';
import { version } from '../disk/version.ts';
import { ControlSocket } from './control-socket.ts';
import type { EngineName } from './engine.ts';
import type { Switchboard } from './switchboard.ts';
import { beatHeader, type WatchBeats } from './watch-beats.ts';

/** What the router says of itself under `GET /status`. */
export interface RouterStatus {
  readonly epoch: string;
  readonly pid: number;
  /** Of the package; a router of before does not say it. */
  readonly version?: string;
  /** A router of before does not say it. */
  readonly engine?: EngineName;
  readonly targets: readonly string[];
}

/** What the door opens to. */
export interface ControlRoom {
  readonly switchboard: Switchboard;
  readonly epoch: string;
  readonly engine: EngineName;
  readonly beats: WatchBeats;
  /** Resolves when another process has taken over. */
  upgrade(asked: unknown): Promise<unknown>;
  /** Resolves at once, or with the end of an attempt to hand over; rejects with `router-handed-over` after a successful one. */
  settled(): Promise<void>;
}

const largestTable = 16 * 1024 * 1024;

/**
 * The controller's door, HTTP over a unix socket that only this user may open:
 *
 *   GET    /status                                      RouterStatus
 *   GET    /watch                                       stays open for as long as the router runs; with `Sluice-Beat`, a byte each 2 s
 *   PUT    /targets/<target>/table                      RouteTable → Applied
 *   GET    /targets/<target>/applied                    Applied or null
 *   GET    /targets/<target>/counts                     TrafficCounts
 *   POST   /targets/<target>/instances/<id>/drained     {deadlineMs} → {cutOff}; answers when it is so
 *   DELETE /targets/<target>
 *   POST   /upgrade                                     UpgradeRequest → Upgraded
 *
 * An error is a status from 400 up with the facts of a SluiceError. Who asks while another router takes over is cut off,
 * as if this one had ended, and asks the other. The socket is not open yet.
 */
export function controlSocket(path: string, room: ControlRoom): ControlSocket {
  const server = createServer((incoming, outgoing) => {
    void handle(incoming, outgoing, room);
  });
  server.requestTimeout = 0;
  return new ControlSocket(server, path);
}

async function handle(incoming: IncomingMessage, outgoing: ServerResponse, room: ControlRoom): Promise<void> {
  try {
    if (incoming.url === '/watch') {
      outgoing.writeHead(200, { 'Content-Type': 'application/json' });
      outgoing.write(`${JSON.stringify(statusOf(room))}\n`);
      if (incoming.headers[beatHeader] !== undefined) room.beats.add(outgoing);
      return;
    }
    const answer = await route(incoming, outgoing, room);
    send(outgoing, 200, answer);
  } catch (error) {
    const facts = errorFacts(error);
    if (facts.code === 'router-handed-over') outgoing.destroy();
    else send(outgoing, facts.code === 'unexpected' ? 500 : 409, facts);
  }
}

async function route(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  room: ControlRoom,
): Promise<unknown> {
  const { switchboard } = room;
  const parts = (incoming.url ?? '').split('/').slice(1).map(decodeURIComponent);
  const [, target = '', third, instance = ''] = parts;
  const call = [incoming.method, parts[0], ...(parts.length > 2 ? [third] : []), ...parts.slice(4)].join(' ');
  if (parts[0] === 'targets') await room.settled();
  switch (call) {
    case 'GET status':
      return statusOf(room);
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
    case 'POST upgrade':
      return room.upgrade(await readJson(incoming));
    default:
      throw malformed(`there is no ${incoming.method} ${incoming.url}`);
  }
}

function statusOf({ epoch, engine, switchboard }: ControlRoom): RouterStatus {
  return { epoch, pid: process.pid, version, engine, targets: switchboard.targets() };
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

function malformed(what: string): SluiceError {
  return new SluiceError({
    code: 'router-request-malformed',
    message: `The router does not understand the request: ${what}.`,
    remedy: 'The controller and the router are of different versions: restart both from one.',
  });
}
