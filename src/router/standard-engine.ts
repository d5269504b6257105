import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '../base/clock.ts';
import { headTooLarge, headTooSlow, malformedRequest, plainAnswer } from './answers.ts';
import { BackendAgents } from './backend-agents.ts';
import { bind } from './bind.ts';
import type { Answer, Decision, Engine, Listening, RequestHead, Site } from './engine.ts';
import { Exchange, type ExchangeTools, originForm } from './exchange.ts';
import { authorityOf, plainAddress, requestHeaders, upgradesToHttp2 } from './forwarded-headers.ts';
import { IdleWatch } from './idle-watch.ts';
import { hasBody, rawAnswer, respond } from './respond.ts';
import { openDoor } from './secure-door.ts';
import { passUpgrade } from './upgrade.ts';
import { debugHeader, versionWanted } from './version-fields.ts';

/**
 * The engine on `node:http` for both sides. (undici's dispatch holds the request head back until the first byte of a
 * streamed body and cuts the connection when a response ends before its request; both break streaming both ways.)
 */
export function createStandardEngine(clock: Clock): Engine {
  const agents = new BackendAgents();
  const idle = new IdleWatch(clock);
  const tools: ExchangeTools = { agents, clock, idle };
  return {
    name: 'standard',
    listen: (address, site, from) => listen({ address, from }, site, tools),
    retire: (address) => agents.retire(address),
    close() {
      idle.close();
      agents.close();
    },
  };
}

/** Longer than the idle time of common clients, so that they and not the router close idle connections. */
const keepAliveMs = 75_000;
const headCheckMs = 250;

async function listen(
  { address, from }: { readonly address: string; readonly from: NetServer | undefined },
  site: Site,
  tools: ExchangeTools,
): Promise<Listening> {
  const server = createServer({
    keepAliveTimeout: keepAliveMs,
    connectionsCheckingInterval: headCheckMs,
    requestTimeout: 0,
    highWaterMark: 64 * 1024,
    // Any other is served as if it had not asked. Node before 24.9 does not know this option.
    shouldUpgradeCallback: mayUpgrade,
  });
  server.maxHeadersCount = 0;
  const open = new Set<Duplex>();
  const state = { closing: false, leaving: false };
  const unanswered = new Set<ServerResponse>();
  const serveHttp = server.listeners('connection') as ((socket: Socket) => void)[];
  server.removeAllListeners('connection').on('connection', (raw: Socket) => {
    open.add(raw);
    raw.once('close', () => open.delete(raw));
    openDoor(raw, { site, clock: tools.clock }, (socket) => {
      for (const one of serveHttp) one.call(server, socket);
    });
  });
  const serve = (request: IncomingMessage, response: ServerResponse) => {
    response.sendDate = false;
    if (state.closing || state.leaving) response.shouldKeepAlive = false;
    unanswered.add(response);
    response.once('close', () => unanswered.delete(response));
    response.once('finish', () => {
      if (state.closing) request.socket.end();
    });
    if (!namesOneHost(request)) {
      response.shouldKeepAlive = false;
      respond(request, response, malformedRequest, tools.clock);
      return;
    }
    settle(site.decide(headOf(request, false)), request, response, tools);
  };
  server.on('request', serve);
  server.on('checkContinue', serve);
  server.on('upgrade', (request, client, head) => {
    if (!namesOneHost(request) || !mayUpgrade(request)) refuseRaw(client, malformedRequest);
    else settleUpgrade(site.decide(headOf(request, true)), { request, client, head }, tools);
  });
  server.on('connect', (_request, client: Duplex) => refuseRaw(client, plainAnswer(405, 'Not a proxy.')));
  server.on('clientError', (error, client) => {
    // What comes behind a whole request is refused after its answer, never in place of it.
    const before = [...unanswered].filter(({ req }) => req.socket === client).at(-1);
    if (before?.req.complete !== true || !client.writable) refuseClient(error, client);
    else {
      client.pause();
      before.shouldKeepAlive = false;
      before.once('finish', () => client.end());
    }
  });
  await bind(server, address, from);
  return {
    server,
    setLimits({ headBytes, clientHeadMs }) {
      (server as Server & { maxHeaderSize: number }).maxHeaderSize = headBytes;
      server.headersTimeout = clientHeadMs;
    },
    close() {
      state.closing = true;
      return new Promise((resolve) => {
        server.close(() => resolve());
      });
    },
    handOver() {
      state.leaving = true;
      // Answers that began with a promise to keep the connection keep it: the client may be using it again.
      for (const response of unanswered) if (!response.headersSent) response.shouldKeepAlive = false;
      // Not the `close` of HTTP, which ends idle connections.
      return new Promise((resolve) => {
        NetServer.prototype.close.call(server, () => resolve());
      });
    },
    destroy() {
      for (const socket of open) socket.destroy();
    },
  };
}

function settle(
  decision: Decision,
  request: IncomingMessage,
  response: ServerResponse,
  tools: ExchangeTools,
): void {
  if (decision.kind === 'forward') {
    // A body is asked for only now: one that is refused or still waits for the end of a pause is not sent in vain.
    if (request.headers.expect?.toLowerCase() === '100-continue') response.writeContinue();
    new Exchange(request, response, decision.passage, tools).start();
  } else if (decision.kind === 'answer') respond(request, response, decision.answer, tools.clock);
  else {
    const { hold } = decision;
    const leave = () => hold.leave();
    response.once('close', leave);
    void hold.settled.then((next) => {
      response.off('close', leave);
      settle(next, request, response, tools);
    });
  }
}

function settleUpgrade(
  decision: Decision,
  parts: { request: IncomingMessage; client: Duplex; head: Buffer },
  tools: ExchangeTools,
): void {
  const { client } = parts;
  if (decision.kind === 'forward') passUpgrade(parts, decision.passage, tools);
  else if (decision.kind === 'answer') refuseRaw(client, decision.answer);
  else {
    const { hold } = decision;
    const leave = () => hold.leave();
    client.on('error', () => client.destroy());
    client.once('close', leave);
    void hold.settled.then((next) => {
      client.off('close', leave);
      settleUpgrade(next, parts, tools);
    });
  }
}

function headOf(request: IncomingMessage, upgrade: boolean): RequestHead {
  const { headers, rawHeaders, method = 'GET', url = '/', socket } = request;
  let headBytes = method.length + url.length + 12;
  for (const text of rawHeaders) headBytes += text.length + 2;
  const chunked = headers['transfer-encoding'] !== undefined;
  return {
    method,
    path: originForm(url),
    host: hostName(authorityOf(request)),
    headers,
    remoteAddress: plainAddress(socket.remoteAddress),
    headBytes,
    bodyBytes: chunked ? null : Number(headers['content-length'] ?? 0),
    upgrade,
    asksVersion: headers[debugHeader] === versionWanted,
    fieldsFor: (address) => requestHeaders(request, address),
  };
}

/** Node takes the first of two hosts, and a user for a part of one; whoever is behind this router may see it otherwise. */
function namesOneHost(request: IncomingMessage): boolean {
  const { rawHeaders } = request;
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  return hosts <= 1 && !authorityOf(request).includes('@');
}

/** A body would go before the other protocol, which nobody reads as that here. */
function mayUpgrade(request: IncomingMessage): boolean {
  return !hasBody(request) && !upgradesToHttp2(request.headers.upgrade ?? '');
}

function hostName(host: string): string {
  return host.replace(/:\d*$/, '').toLowerCase();
}

function refuseClient(error: Error & { code?: string }, client: Duplex): void {
  const { code } = error;
  if (code === 'ECONNRESET' || !client.writable) client.destroy();
  else if (code === 'HPE_HEADER_OVERFLOW') refuseRaw(client, headTooLarge);
  else if (code === 'ERR_HTTP_REQUEST_TIMEOUT') refuseRaw(client, headTooSlow);
  else refuseRaw(client, malformedRequest);
}

function refuseRaw(client: Duplex, answer: Answer): void {
  client.on('error', () => client.destroy());
  client.end(rawAnswer(answer, STATUS_CODES[answer.status] ?? ''));
  client.resume();
}
