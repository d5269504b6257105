import type { Cancel } from '../../base/clock.ts';
import {
  badGateway,
  bodyTooLarge,
  gatewayTimeout,
  headTooSlow,
  malformedRequest,
  unavailable,
} from '../answers.ts';
import type { Answer, Passage, Settlement } from '../engine.ts';
import { isSecure } from '../secure-door.ts';
import type { HeaderField } from '../version-fields.ts';
import { BodyCounter } from './body-counter.ts';
import { malformed } from './byte-classes.ts';
import type { Client, ClientUser } from './client.ts';
import type { FastRequest } from './fast-request.ts';
import type { FastTools } from './fast-tools.ts';
import { announcesBody, chunkedLength } from './framing.ts';
import { responseBody, untilClose } from './response-body.ts';
import { Tunnel } from './tunnel.ts';
import type { UpstreamConnection, UpstreamUser } from './upstream-connection.ts';

/** Methods that may be sent twice (RFC 9110, 9.2.2). */
const idempotent = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);
const mostHeadBytes = 128 * 1024;
const mostInformational = 64;

/**
 * One request: sent, its body and the answer passed on as they come, bounded in time, told to its passage.
 *
 *   connecting ──▶ awaiting head ──▶ streaming ──▶ over
 *       │ refused       │ stale connection, failed, deadline, a head that the passage does not settle for, client gone
 *       └──▶ elsewhere  └──▶ once more, or over
 */
export class FastExchange implements ClientUser, UpstreamUser {
  #client: Client;
  #request: FastRequest;
  #passage: Passage;
  #tools: FastTools;
  #upstream: UpstreamConnection | null = null;
  #upload: BodyCounter;
  #download: BodyCounter | null = null;
  #sent = false;
  #retried = false;
  /** The passage was told the outcome; nothing about the head is counted any more. */
  #told = false;
  #over = false;
  /** Of the answer that the client gets; null before. */
  #status: number | null = null;
  #ownBytes = 0;
  /** The client got something, if only a 1xx. */
  #written = false;
  /** The connection to the client ends with this answer. */
  #last: boolean;
  #untilClose = false;
  /** The client does not know chunks, so it gets their data alone. */
  #plain = false;
  #reusable = false;
  #keepAliveSeconds: number | null = null;
  #partHead: Buffer | null = null;
  #informational = 0;
  #uploadedAtDeadline = 0;
  #unwatch: Cancel | null = null;

  constructor(client: Client, request: FastRequest, passage: Passage, tools: FastTools) {
    this.#client = client;
    this.#request = request;
    this.#passage = passage;
    this.#tools = tools;
    this.#upload = new BodyCounter(request.length);
    this.#last = request.close;
  }

  start(): void {
    if (this.#request.expects) {
      this.#client.socket.write('HTTP/1.1 100 Continue\r\n\r\n', 'latin1');
      this.#written = true;
    }
    this.#send(false);
    if (!this.#over) this.#armDeadline();
  }

  upstreamReady(): void {
    const upstream = this.#upstream as UpstreamConnection;
    const { address } = upstream;
    if (!this.#passage.confirm()) {
      this.#told = true;
      this.#letGo(true);
      this.#settle(unavailable());
    } else if (this.#passage.address !== address) {
      this.#letGo(true);
      this.#send(false);
    } else this.#write(upstream);
  }

  upstreamBytes(bytes: Buffer, from: number, to: number): void {
    if (this.#download !== null) {
      // More than the head announced: that connection is not trusted any more.
      if (!this.#download.done) this.#passBody(bytes, from, to, from);
      else {
        this.#letGo(false);
        this.#answeredWhole();
      }
      return;
    }
    if (this.#partHead === null) this.#readHead(bytes, from, to);
    else {
      const joined = Buffer.concat([this.#partHead, bytes.subarray(from, to)]);
      this.#partHead = null;
      this.#readHead(joined, 0, joined.length);
    }
  }

  upstreamDrained(): void {
    this.#client.socket.resume();
  }

  upstreamEnded(): void {
    if (this.#download !== null && !this.#download.done && this.#untilClose) {
      this.#reusable = false;
      this.#download.done = true;
      this.#answeredWhole();
    } else this.upstreamClosed();
  }

  upstreamClosed(): void {
    const upstream = this.#upstream;
    if (this.#over || upstream === null) return;
    const { connected, reused, silent } = upstream;
    this.#letGo(false);
    if (this.#download?.done === true) this.#answeredWhole();
    else if (this.#download !== null) this.#broken();
    else if (!connected) {
      if (this.#passage.refused()) this.#send(false);
      else {
        this.#told = true;
        this.#settle(badGateway);
      }
    } else if (reused && silent && !this.#retried && this.#mayRepeat()) {
      this.#retried = true;
      this.#send(true);
    } else this.#failed(badGateway);
  }

  clientBytes(bytes: Buffer): Buffer | null {
    if (!this.#sent || this.#upload.done) return bytes;
    const end = this.#advance(bytes);
    if (end < 0) return null;
    const part = end === bytes.length ? bytes : bytes.subarray(0, end);
    if (this.#upstream !== null && !this.#upstream.socket.write(part)) this.#client.socket.pause();
    if (this.#upload.done) this.#uploaded();
    return end < bytes.length ? bytes.subarray(end) : null;
  }

  clientDrained(): void {
    this.#upstream?.socket.resume();
  }

  clientEnded(): void {
    this.#client.socket.destroy();
  }

  clientClosed(): void {
    if (this.#over) return;
    if (!this.#told) this.#passage.abandoned();
    this.#told = true;
    this.#close();
  }

  deadlinePassed(): void {
    if (this.#told || this.#over) return;
    const uploading = this.#sent && !this.#upload.done;
    if (uploading && this.#upload.seen > this.#uploadedAtDeadline) {
      this.#armDeadline();
      return;
    }
    const moreMs = this.#passage.late();
    if (moreMs > 0) {
      this.#client.deadline.set(moreMs);
      return;
    }
    if (this.#uploadStands()) this.#abandon(headTooSlow);
    else this.#failed(gatewayTimeout);
  }

  cut(): void {
    if (this.#over) return;
    if (this.#told) this.#answer(badGateway);
    else this.#failed(badGateway);
  }

  #send(fresh: boolean): void {
    const { pool } = this.#tools;
    const { address } = this.#passage;
    const upstream = fresh ? pool.open(address) : pool.take(address);
    upstream.user = this;
    this.#upstream = upstream;
    this.#partHead = null;
    if (upstream.connected) this.upstreamReady();
  }

  /** The connection stands: the head goes out together with what is there of the body. */
  #write(upstream: UpstreamConnection): void {
    const { text, withoutHost } = this.#request;
    const head = withoutHost ? `${text}Host: ${upstream.address}\r\n\r\n` : `${text}\r\n`;
    this.#sent = true;
    const ahead = this.#upload.done ? null : this.#client.takeAhead();
    if (ahead === null) {
      upstream.send(head, null);
      return;
    }
    const end = this.#advance(ahead);
    if (end < 0) return;
    const flowing = upstream.send(head, end === ahead.length ? ahead : ahead.subarray(0, end));
    this.#client.putBack(end < ahead.length ? ahead.subarray(end) : null);
    if (!flowing && !this.#upload.done) this.#client.socket.pause();
    if (this.#upload.done) this.#uploaded();
  }

  /** Where the body of the request ends in these bytes; -1 when the exchange ended over it. */
  #advance(bytes: Buffer): number {
    const upload = this.#upload;
    const end = upload.advance(bytes, 0, bytes.length);
    const { bodyBytes } = this.#passage.limits;
    if (end !== malformed && (bodyBytes === 0 || upload.announced <= bodyBytes)) return end;
    this.#abandon(end === malformed ? malformedRequest : bodyTooLarge);
    return -1;
  }

  #uploaded(): void {
    if (this.#download?.done === true) this.#finish();
    else if (!this.#told) this.#armDeadline();
  }

  #readHead(bytes: Buffer, from: number, to: number): void {
    const { responses } = this.#tools;
    for (let start = from; ; ) {
      const end = responses.parse(bytes, start, to);
      if (end === malformed || (end < 0 && to - start > mostHeadBytes)) this.#failed(badGateway);
      else if (end < 0) this.#partHead = Buffer.from(bytes.subarray(start, to));
      else if (responses.status >= 200) this.#answered(bytes, start, end, to);
      else if (responses.status === 101) this.#upgraded(bytes, start, end, to);
      else if (this.#passInformational(bytes, start, end)) {
        start = end;
        if (start < to) continue;
      }
      return;
    }
  }

  /** A 100 answers the router's own wish for none; other ones travel on to clients that know them. */
  #passInformational(bytes: Buffer, start: number, end: number): boolean {
    this.#informational += 1;
    if (this.#informational > mostInformational) {
      this.#failed(badGateway);
      return false;
    }
    if (this.#tools.responses.status === 100 || this.#request.minor === 0) return true;
    this.#tools.forwarded.read(bytes, false);
    const from = this.#tools.forwarded.compact(bytes, start, end);
    this.#client.socket.write(Buffer.from(bytes.subarray(from, end)));
    this.#written = true;
    return true;
  }

  #answered(bytes: Buffer, start: number, headEnd: number, to: number): void {
    const { responses, forwarded } = this.#tools;
    const { status } = responses;
    const { method, minor } = this.#request;
    const length = responseBody(method, status, responses.length);
    const plain = minor === 0 && length === chunkedLength;
    forwarded.read(bytes, plain);
    const { options } = forwarded;
    const staysOpen = !options.close && (responses.minor === 1 || options.keepAlive);
    this.#keepAliveSeconds = forwarded.keepAliveSeconds(bytes);
    this.#client.deadline.clear();
    if (!this.#told) {
      this.#told = true;
      this.#passage.answered(status);
      const next = this.#settlement();
      if (next.kind !== 'pass') {
        this.#reusable = staysOpen && length === to - headEnd;
        this.#letGo(this.#reusable);
        this.#go(next);
        return;
      }
    }
    // What a 204 announces but must not have may still come, and would be taken for the next answer.
    this.#reusable =
      staysOpen && length !== untilClose && !(status === 204 && announcesBody(responses.length));
    this.#untilClose = length === untilClose;
    this.#download = new BodyCounter(length);
    this.#plain = plain;
    this.#last ||= length === untilClose || plain || this.#client.closing;
    this.#status = status;
    this.#passHead(bytes, forwarded.compact(bytes, start, headEnd), headEnd, to);
  }

  #passHead(bytes: Buffer, from: number, headEnd: number, to: number): void {
    const extra = this.#extraFields();
    this.#written = true;
    if (extra === '' && !this.#plain) {
      this.#passBody(bytes, headEnd, to, from);
      return;
    }
    const head = Buffer.from(`${bytes.toString('latin1', from, headEnd - 2)}${extra}\r\n`, 'latin1');
    if (this.#plain) {
      this.#client.socket.write(head);
      this.#passBody(bytes, headEnd, to, headEnd);
    } else {
      const joined = Buffer.concat([head, bytes.subarray(headEnd, to)]);
      this.#passBody(joined, head.length, joined.length, 0);
    }
  }

  #extraFields(): string {
    let text = fieldLines(this.#passage.added);
    if (this.#last) text += 'Connection: close\r\n';
    else if (this.#request.minor === 0) text += 'Connection: keep-alive\r\n';
    return text;
  }

  /** Passes on what belongs to the body, and what is before it from `from` on: the head. */
  #passBody(bytes: Buffer, bodyStart: number, to: number, from: number): void {
    const download = this.#download as BodyCounter;
    const { socket } = this.#client;
    const end = this.#plain
      ? download.advance(bytes, bodyStart, to, (start, until) => socket.write(bytes.subarray(start, until)))
      : download.advance(bytes, bodyStart, to);
    if (end === malformed) {
      this.#broken();
      return;
    }
    if (end < to) this.#reusable = false;
    if (!this.#plain && end > from) socket.write(bytes.subarray(from, end));
    if (socket.writableLength > 0) {
      this.#upstream?.keepBuffer();
      // One that has said everything is paused for nobody: whoever had it next would wait for an answer in vain.
      if (socket.writableNeedDrain && !download.done) this.#upstream?.socket.pause();
    }
    if (download.done) this.#answeredWhole();
    else this.#watch();
  }

  #answeredWhole(): void {
    if (!this.#upload.done) {
      if (this.#reusable && this.#upstream !== null) {
        this.#watch();
        return;
      }
      // Nobody takes the rest of the request, so the client is told by the end of the connection.
      this.#last = true;
    }
    this.#finish();
  }

  #watch(): void {
    const upstream = this.#upstream?.socket ?? null;
    this.#unwatch ??= this.#tools.idle.watch(
      [this.#client.socket, upstream],
      this.#passage.limits.idleMs,
      () => {
        this.#unwatch = null;
        // A client that does not read its answer is no fault of the instance.
        const clientIsLate = this.#client.socket.writableLength > 0 || this.#uploadStands();
        if (this.#download?.done === true || clientIsLate) this.#abort();
        else this.#broken();
      },
    );
  }

  /** An upload that stands still is the client's delay unless the instance has stopped reading it. */
  #uploadStands(): boolean {
    return this.#sent && !this.#upload.done && this.#upstream?.socket.writableNeedDrain === false;
  }

  #upgraded(bytes: Buffer, start: number, headEnd: number, to: number): void {
    const upstream = this.#upstream as UpstreamConnection;
    if (!this.#request.upgrade) {
      this.#failed(badGateway);
      return;
    }
    this.#client.deadline.clear();
    this.#told = true;
    this.#passage.answered(101);
    const { forwarded } = this.#tools;
    forwarded.read(bytes, false);
    const upgrade = forwarded.upgradeTo(bytes);
    const from = forwarded.compact(bytes, start, headEnd);
    const kept = bytes.toString('latin1', from, headEnd - 2);
    const head = `${kept}${fieldLines(this.#passage.added)}Connection: Upgrade\r\nUpgrade: ${upgrade}\r\n\r\n`;
    this.#over = true;
    const first = Buffer.concat([Buffer.from(head, 'latin1'), bytes.subarray(headEnd, to)]);
    new Tunnel(this.#client, upstream, this.#passage).open(first);
  }

  #mayRepeat(): boolean {
    return this.#request.length === 0 && idempotent.has(this.#request.method);
  }

  #failed(answer: Answer): void {
    if (this.#over) return;
    if (!this.#told) {
      this.#told = true;
      this.#passage.failed();
    }
    this.#letGo(false);
    this.#settle(answer);
  }

  /** The client is at fault: nothing is counted against the instance. */
  #abandon(answer: Answer): void {
    if (!this.#told) this.#passage.abandoned();
    this.#told = true;
    this.#answer(answer);
  }

  /** What the client gets instead of nothing: the answer of another version, or else this. */
  #settle(answer: Answer): void {
    const next = this.#settlement();
    this.#go(next.kind === 'pass' ? { kind: 'answer', answer } : next);
  }

  #settlement(): Settlement {
    return this.#written || this.#client.socket.destroyed ? { kind: 'pass' } : this.#passage.settle();
  }

  #go(next: Exclude<Settlement, { kind: 'pass' }>): void {
    if (next.kind === 'answer') {
      this.#answer(next.answer);
      return;
    }
    this.#told = false;
    this.#retried = false;
    this.#informational = 0;
    this.#reusable = false;
    this.#keepAliveSeconds = null;
    this.#send(false);
    if (!this.#over) this.#armDeadline();
  }

  #answer(answer: Answer): void {
    if (this.#download !== null || this.#client.socket.destroyed) {
      this.#abort();
      return;
    }
    this.#status = answer.status;
    if (this.#request.method !== 'HEAD') this.#ownBytes = Buffer.byteLength(answer.body);
    this.#close();
    this.#client.answer(answer, this.#request, this.#upload.done);
  }

  /** The response ended before it was complete: the client must not take it for whole. */
  #broken(): void {
    if (this.#over) return;
    this.#passage.broken();
    this.#abort();
  }

  #abort(): void {
    const { socket } = this.#client;
    this.#close();
    // The end of the connection would be the end of such a body.
    // TLS has an end of its own, which is missing then.
    if (this.#untilClose && !isSecure(socket)) socket.resetAndDestroy();
    else socket.destroy();
  }

  #armDeadline(): void {
    this.#uploadedAtDeadline = this.#upload.seen;
    this.#client.deadline.set(this.#passage.headMs);
  }

  /** Lets go of the connection; `clean`: it can be used again. */
  #letGo(clean: boolean): void {
    const upstream = this.#upstream;
    this.#upstream = null;
    if (upstream === null) return;
    if (clean && upstream.connected) this.#tools.pool.release(upstream, this.#keepAliveSeconds);
    else upstream.destroy();
  }

  #close(): void {
    this.#over = true;
    this.#unwatch?.();
    this.#letGo(this.#reusable && this.#download?.done === true && this.#upload.done);
    this.#passage.ended({ status: this.#status, bytes: this.#download?.announced ?? this.#ownBytes });
  }

  #finish(): void {
    if (this.#over) return;
    this.#close();
    this.#client.answered(this.#last);
  }
}

function fieldLines(fields: readonly HeaderField[]): string {
  let text = '';
  for (let i = 0; i < fields.length; i += 1) text += `${fields[i]?.[0]}: ${fields[i]?.[1]}\r\n`;
  return text;
}
