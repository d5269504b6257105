import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Cancel, Clock } from '../base/clock.ts';
import { badGateway, bodyTooLarge, gatewayTimeout, headTooSlow, unavailable } from './answers.ts';
import type { BackendAgents } from './backend-agents.ts';
import type { Answer, Passage, Settlement } from './engine.ts';
import { requestHeaders, responseHeaders } from './forwarded-headers.ts';
import type { IdleWatch } from './idle-watch.ts';
import { hasBody, respond } from './respond.ts';

export interface ExchangeTools {
  readonly agents: BackendAgents;
  readonly clock: Clock;
  readonly idle: IdleWatch;
}

/** A connection on this machine takes well under a millisecond; one that hangs longer goes to another instance. */
export const connectMs = 2_000;
/** What is thrown away of an answer that another version replaces. */
const discardedBytes = 64 * 1024;
const discardMs = 1_000;
/** Methods that may be sent twice (RFC 9110, 9.2.2). */
const idempotent = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);
const withoutBody = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'DELETE', 'CONNECT']);

/**
 * One request: sent, streamed both ways, bounded in time, told to its passage.
 *
 *   connecting ──▶ awaiting head ──▶ streaming ──▶ over
 *       │ refused       │ stale connection, failed, deadline, a head that the passage does not settle for, client gone
 *       └──▶ elsewhere  └──▶ once more, or over
 */
export class Exchange {
  #request: IncomingMessage;
  #response: ServerResponse;
  #passage: Passage;
  #tools: ExchangeTools;
  #upstream: ClientRequest | null = null;
  #cancelDeadline: Cancel | null = null;
  #unwatch: Cancel | null = null;
  #bodied: boolean;
  #retried = false;
  #headSeen = false;
  /** The passage was told the outcome; nothing about the head is counted any more. */
  #told = false;
  #over = false;
  #bodyBytes = 0;
  #bodyBytesAtDeadline = 0;
  #sentBytes = 0;

  constructor(request: IncomingMessage, response: ServerResponse, passage: Passage, tools: ExchangeTools) {
    this.#request = request;
    this.#response = response;
    this.#passage = passage;
    this.#tools = tools;
    this.#bodied = hasBody(request);
  }

  start(): void {
    this.#passage.onCut(() => this.#cut());
    this.#response.once('close', () => this.#clientClosed());
    // Errors of the client's connection are followed by 'close', which acts.
    this.#response.on('error', ignore);
    if (this.#bodied) this.#request.on('error', ignore).once('close', () => this.#bodyClosed());
    this.#send(false);
    if (!this.#over) this.#armDeadline();
  }

  #send(fresh: boolean): void {
    const request = this.#request;
    const method = request.method ?? 'GET';
    const headers = requestHeaders(request, this.#passage.address);
    if (request.headers['transfer-encoding'] !== undefined) headers.push('Transfer-Encoding', 'chunked');
    else if (!this.#bodied && !withoutBody.has(method) && request.headers['content-length'] === undefined) {
      headers.push('Content-Length', '0');
    }
    const path = originForm(request.url ?? '/');
    const upstream = this.#tools.agents.request(this.#passage.address, fresh, { method, path, headers });
    this.#upstream = upstream;
    this.#follow(upstream);
  }

  #follow(upstream: ClientRequest): void {
    let connected = false;
    let bytesBefore = 0;
    let cancelConnect: Cancel | null = null;
    upstream.on('socket', (socket: Socket) => {
      const ready = () => {
        cancelConnect?.();
        connected = true;
        bytesBefore = socket.bytesRead;
        this.#begin(upstream);
      };
      if (!socket.connecting) return ready();
      socket.once('connect', ready);
      cancelConnect = this.#tools.clock.after(connectMs, () =>
        upstream.destroy(new Error('connecting takes too long')),
      );
    });
    upstream.on('response', (response) => this.#answered(upstream, response));
    // Nobody asked for another protocol; Node would drop the connection without a word.
    upstream.on('upgrade', (_response, socket) => {
      socket.destroy();
      this.#failed(upstream, true, false);
    });
    upstream.on('error', () => {
      cancelConnect?.();
      const silent = upstream.reusedSocket && (upstream.socket?.bytesRead ?? bytesBefore) === bytesBefore;
      this.#failed(upstream, connected, silent);
    });
    upstream.on('close', () => {
      cancelConnect?.();
      if (upstream === this.#upstream) this.#finish();
    });
  }

  /** The connection stands and nothing was written: the last moment to look at the table again. */
  #begin(upstream: ClientRequest): void {
    if (upstream !== this.#upstream) return;
    const before = this.#passage.address;
    if (!this.#passage.confirm()) {
      this.#told = true;
      this.#drop(upstream);
      this.#settle(unavailable());
    } else if (this.#passage.address !== before) {
      this.#drop(upstream);
      this.#send(false);
    } else this.#sendBody(upstream);
  }

  #sendBody(upstream: ClientRequest): void {
    if (!this.#bodied) {
      upstream.end();
      return;
    }
    const limit = this.#passage.limits.bodyBytes;
    const request = this.#request;
    upstream.flushHeaders();
    request.on('data', (chunk: Buffer) => {
      this.#bodyBytes += chunk.byteLength;
      if (limit > 0 && this.#bodyBytes > limit) this.#bodyTooLarge();
    });
    request.once('end', () => {
      if (request.rawTrailers.length > 0 && !upstream.destroyed)
        upstream.addTrailers(pairs(request.rawTrailers));
      if (!this.#told) this.#armDeadline();
    });
    request.pipe(upstream);
  }

  #answered(upstream: ClientRequest, response: IncomingMessage): void {
    if (this.#over || upstream !== this.#upstream) return;
    const { statusCode = 502, statusMessage = '' } = response;
    this.#cancelDeadline?.();
    if (!this.#told) {
      this.#told = true;
      this.#passage.answered(statusCode);
      const next = this.#settlement();
      if (next.kind !== 'pass') {
        this.#discard(upstream, response);
        this.#go(next);
        return;
      }
    }
    this.#headSeen = true;
    response.on('error', () => this.#broken());
    response.once('aborted', () => this.#broken());
    const out = this.#response;
    if (out.destroyed || out.headersSent) {
      this.#upstream?.destroy();
      return;
    }
    out.writeHead(statusCode, statusMessage, responseHeaders(response, this.#passage.added));
    // A head without a body yet (an event stream) must not wait for its first byte.
    if (response.headers['content-length'] === undefined) out.flushHeaders();
    response.once('end', () => {
      if (response.rawTrailers.length > 0) out.addTrailers(pairs(response.rawTrailers));
    });
    response.on('data', (chunk: Buffer) => {
      this.#sentBytes += chunk.byteLength;
    });
    response.pipe(out);
    const sockets = [this.#request.socket, this.#upstream?.socket ?? null];
    this.#unwatch = this.#tools.idle.watch(sockets, this.#passage.limits.idleMs, () => {
      // A client that does not read its answer is no fault of the instance.
      if (out.writableLength > 0) out.destroy();
      else this.#broken();
    });
  }

  #failed(upstream: ClientRequest, connected: boolean, silent: boolean): void {
    if (upstream !== this.#upstream || this.#told || this.#over) return;
    if (!connected) {
      this.#drop(upstream);
      if (this.#passage.refused()) {
        this.#send(false);
        return;
      }
      this.#told = true;
    } else if (silent && !this.#retried && !this.#bodied && idempotent.has(this.#request.method ?? '')) {
      this.#retried = true;
      this.#drop(upstream);
      this.#send(true);
      return;
    } else {
      this.#told = true;
      this.#passage.failed();
      this.#letGo();
    }
    this.#settle(badGateway);
  }

  /** What the client gets instead of nothing: the answer of another version, or else this. */
  #settle(answer: Answer): void {
    const next = this.#settlement();
    this.#go(next.kind === 'pass' ? { kind: 'answer', answer } : next);
  }

  #settlement(): Settlement {
    const { headersSent, destroyed } = this.#response;
    return headersSent || destroyed ? { kind: 'pass' } : this.#passage.settle();
  }

  #go(next: Exclude<Settlement, { kind: 'pass' }>): void {
    if (next.kind === 'again') {
      this.#told = false;
      this.#retried = false;
      this.#send(false);
      this.#armDeadline();
    } else {
      this.#answer(next.answer);
      this.#finish();
    }
  }

  /** The response ended before it was complete: the client must not take it for whole. */
  #broken(): void {
    if (this.#over || !this.#headSeen) return;
    if (!this.#response.writableEnded || !this.#response.writableFinished) {
      this.#passage.broken();
      this.#response.destroy();
    }
    this.#finish();
  }

  #armDeadline(delayMs = this.#passage.headMs): void {
    this.#cancelDeadline?.();
    this.#bodyBytesAtDeadline = this.#bodyBytes;
    this.#cancelDeadline = this.#tools.clock.after(delayMs, () => this.#deadline());
  }

  #deadline(): void {
    if (this.#told || this.#over) return;
    const uploading = this.#bodied && !this.#request.complete;
    if (uploading && this.#bodyBytes > this.#bodyBytesAtDeadline) {
      this.#armDeadline();
      return;
    }
    const moreMs = this.#passage.late();
    if (moreMs > 0) {
      this.#armDeadline(moreMs);
      return;
    }
    this.#told = true;
    // An upload that stands still is the client's delay unless the instance has stopped reading it.
    const clientIsLate = uploading && this.#upstream?.writableNeedDrain === false;
    if (clientIsLate) {
      this.#passage.abandoned();
      this.#go({ kind: 'answer', answer: headTooSlow });
      return;
    }
    this.#passage.failed();
    this.#letGo();
    this.#settle(gatewayTimeout);
  }

  #bodyTooLarge(): void {
    if (this.#over) return;
    if (!this.#told) this.#passage.abandoned();
    this.#told = true;
    this.#answer(bodyTooLarge);
    this.#finish();
  }

  #clientClosed(): void {
    if (this.#over || this.#response.writableFinished) return;
    if (!this.#told) this.#passage.abandoned();
    this.#told = true;
    this.#finish();
  }

  #bodyClosed(): void {
    if (!this.#request.complete) this.#clientClosed();
    if (!this.#request.complete && !this.#over) this.#finish();
  }

  #cut(): void {
    if (this.#over) return;
    if (this.#told) {
      this.#go({ kind: 'answer', answer: badGateway });
      return;
    }
    this.#told = true;
    this.#passage.failed();
    this.#letGo();
    this.#settle(badGateway);
  }

  #answer(answer: Answer): void {
    if (this.#upstream !== null) this.#request.unpipe(this.#upstream);
    if (!this.#response.headersSent && this.#request.method !== 'HEAD')
      this.#sentBytes = Buffer.byteLength(answer.body);
    respond(this.#request, this.#response, answer, this.#tools.clock);
  }

  /** Lets go of an attempt whose end must not end the exchange. */
  #drop(upstream: ClientRequest): void {
    this.#upstream = null;
    upstream.on('error', ignore);
    upstream.destroy();
  }

  #letGo(): void {
    const upstream = this.#upstream;
    if (upstream === null) return;
    this.#request.unpipe(upstream);
    this.#drop(upstream);
  }

  /** Reads a short answer to its end, so that the connection can be used again; cuts off any other. */
  #discard(upstream: ClientRequest, response: IncomingMessage): void {
    const length = Number(response.headers['content-length'] ?? Number.NaN);
    if (!(length <= discardedBytes) && this.#request.method !== 'HEAD') {
      this.#drop(upstream);
      return;
    }
    this.#upstream = null;
    const cancel = this.#tools.clock.after(discardMs, () => upstream.destroy());
    upstream.on('error', ignore).once('close', cancel);
    response.on('error', ignore).resume();
  }

  /** Nobody takes the rest of the request any more: it is read away, for as long as it comes. */
  #drain(): void {
    const { socket } = this.#request;
    const { idle } = this.#tools;
    this.#request.once(
      'close',
      idle.watch([socket], this.#passage.limits.idleMs, () => socket.destroy()),
    );
    this.#request.resume();
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#cancelDeadline?.();
    this.#unwatch?.();
    const upstream = this.#upstream;
    if (upstream !== null) {
      this.#request.unpipe(upstream);
      if (!this.#request.complete) this.#drain();
      if (!upstream.destroyed) this.#drop(upstream);
    }
    const { headersSent, statusCode } = this.#response;
    this.#passage.ended({ status: headersSent ? statusCode : null, bytes: this.#sentBytes });
  }
}

/** `http://host/path` (a proxy's form) → `/path` */
export function originForm(url: string): string {
  if (url.startsWith('/')) return url;
  const rest = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*(.*)$/i.exec(url)?.[1] ?? '/';
  return rest.startsWith('/') ? rest : `/${rest}`;
}

function pairs(raw: readonly string[]): [string, string][] {
  const result: [string, string][] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) result.push([raw[i] as string, raw[i + 1] as string]);
  return result;
}

function ignore(): void {}
