import type { Socket } from 'node:net';
import { headTooLarge, headTooSlow, malformedRequest, plainAnswer } from '../answers.ts';
import type { Answer, Decision, Hold, Site } from '../engine.ts';
import { plainAddress } from '../forwarded-headers.ts';
import { isSecure } from '../secure-door.ts';
import { answerText } from './answer-text.ts';
import { malformed } from './byte-classes.ts';
import type { Client, ClientUser } from './client.ts';
import { Deadline } from './deadline.ts';
import { FastExchange } from './fast-exchange.ts';
import { FastRequest, type Peer } from './fast-request.ts';
import type { FastTools } from './fast-tools.ts';

/** What the listener knows and its connections ask for. */
export interface ClientHome {
  readonly site: Site;
  readonly tools: FastTools;
  readonly headBytes: number;
  readonly clientHeadMs: number;
  /** Answers say that they are the last of their connection. */
  readonly closing: boolean;
  /** Connections end after their answer, whatever it said. */
  readonly ending: boolean;
}

/** Longer than the idle time of common clients, so that they and not the router close idle connections. */
const keepAliveMs = 75_000;
/** How long a client may go on sending after its last answer. */
const lingerMs = 2_000;
/** What a client may send ahead while a request of its is under way. */
const aheadBytes = 64 * 1024;

/**
 * A connection of a client. Its requests are taken one after the other, in the order in which they came.
 *
 *   idle ──▶ reading a head ──▶ busy with an exchange, or held ──▶ idle
 *                  │ refused         │ the last answer
 *                  └─────────────────┴──▶ lingering ──▶ closed
 */
export class ClientConnection implements Client {
  readonly socket: Socket;
  readonly peer: Peer;
  /** Of the exchange under way. */
  readonly deadline: Deadline;
  /** Ends the exchange under way: one function for all of them. */
  readonly cut = (): void => this.#user?.cut();
  #home: ClientHome;
  #user: ClientUser | null = null;
  #hold: Hold | null = null;
  #state: 'idle' | 'head' | 'busy' | 'lingering' = 'idle';
  #sinceMs: number;
  /** Read and not used yet. */
  #ahead: Buffer | null = null;
  /** So much of `ahead` holds no whole head. */
  #searched = 0;
  #served = false;
  #pumping = false;

  constructor(socket: Socket, home: ClientHome) {
    this.socket = socket;
    this.#home = home;
    const address = plainAddress(socket.remoteAddress);
    this.peer = {
      address,
      secure: isSecure(socket),
      believed: address === '::1' || address.startsWith('127.'),
    };
    this.#sinceMs = home.tools.clock.monotonicMs();
    this.deadline = new Deadline(home.tools.clock, () => this.#user?.deadlinePassed());
    socket
      .on('data', (bytes: Buffer) => this.#read(bytes))
      .on('drain', () => this.#drained())
      .on('end', () => this.#ended())
      // Followed by 'close', which acts.
      .on('error', () => {})
      .on('close', () => this.#closed());
  }

  get closing(): boolean {
    return this.#home.closing;
  }

  takeAhead(): Buffer | null {
    const bytes = this.#ahead;
    this.#ahead = null;
    return bytes;
  }

  putBack(bytes: Buffer | null): void {
    this.#ahead = bytes;
    if ((bytes?.length ?? 0) <= aheadBytes) this.socket.resume();
  }

  handTo(user: ClientUser): void {
    this.#user = user;
  }

  answered(last: boolean): void {
    this.#user = null;
    this.deadline.clear();
    if (last || this.#home.ending) this.#linger();
    else this.#next();
  }

  answer(answer: Answer, request: FastRequest | null, whole: boolean): void {
    const last = request === null || !whole || request.close || this.#home.closing;
    this.socket.write(
      answerText(answer, { head: request?.method === 'HEAD', last, minor: request?.minor ?? 1 }),
    );
    this.answered(last);
  }

  /** Called now and then: ends what has lasted too long. */
  check(now: number): void {
    const lasted = now - this.#sinceMs;
    switch (this.#state) {
      case 'idle':
        if (lasted > (this.#served ? keepAliveMs : this.#home.clientHeadMs)) this.socket.destroy();
        return;
      case 'head':
        if (lasted > this.#home.clientHeadMs) this.answer(headTooSlow, null, false);
        return;
      case 'lingering':
        if (lasted > (this.socket.writableFinished ? lingerMs : keepAliveMs)) this.socket.destroy();
        return;
      case 'busy':
    }
  }

  /** The router takes nothing new. */
  closeIfIdle(): void {
    if (this.#state !== 'idle') return;
    this.#linger();
  }

  #read(bytes: Buffer): void {
    if (this.#state === 'lingering') return;
    const rest = this.#user === null ? bytes : this.#user.clientBytes(bytes);
    if (rest === null || (this.#state as string) === 'lingering') return;
    this.#ahead = this.#ahead === null ? rest : Buffer.concat([this.#ahead, rest]);
    if (this.#state !== 'busy') this.#pump();
    const waits = this.#state === 'busy' || this.socket.writableNeedDrain;
    if (waits && (this.#ahead?.length ?? 0) > aheadBytes) this.socket.pause();
  }

  /**
   * Takes heads out of what came, for as long as they are answered at once. A client that does not read its answers gets
   * no further ones: they would pile up here.
   */
  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    while (this.#ahead !== null && (this.#state === 'idle' || this.#state === 'head')) {
      if (this.socket.writableNeedDrain || !this.#takeHead(this.#ahead)) break;
    }
    this.#pumping = false;
    if (this.#state === 'head' && this.socket.isPaused()) this.socket.resume();
  }

  #drained(): void {
    if (this.#user !== null) this.#user.clientDrained();
    else if (this.#state === 'idle') this.#next();
  }

  #takeHead(bytes: Buffer): boolean {
    const { tools, headBytes, site } = this.#home;
    if (this.#state === 'idle') {
      this.#state = 'head';
      this.#sinceMs = tools.clock.monotonicMs();
      this.#searched = 0;
    }
    const end = this.#searched > 0 && !mayBeWhole(bytes, this.#searched) ? -1 : this.#parse(bytes);
    if (end === malformed) return this.#refuse(malformedRequest);
    if (end < 0) {
      this.#searched = bytes.length;
      return bytes.length > headBytes ? this.#refuse(headTooLarge) : false;
    }
    if (end > headBytes + 2) return this.#refuse(headTooLarge);
    const request = new FastRequest(tools.requests, bytes, end, this.peer);
    this.#ahead = end < bytes.length ? bytes.subarray(end) : null;
    this.#state = 'busy';
    this.#served = true;
    if (request.unfulfillable) this.answer(expectationFailed, request, request.length === 0);
    else this.#settle(site.decide(request), request);
    return true;
  }

  #parse(bytes: Buffer): number {
    const { requests } = this.#home.tools;
    const end = requests.parse(bytes, 0, bytes.length);
    if (end === malformed && requests.method === 'CONNECT' && requests.problem === 'method') {
      this.#refuse(notProxy);
      return -1;
    }
    return end;
  }

  #refuse(answer: Answer): false {
    this.#ahead = null;
    this.answer(answer, null, false);
    return false;
  }

  #settle(decision: Decision, request: FastRequest): void {
    if (decision.kind === 'forward') {
      const exchange = new FastExchange(this, request, decision.passage, this.#home.tools);
      this.#user = exchange;
      decision.passage.onCut(this.cut);
      exchange.start();
    } else if (decision.kind === 'answer') {
      this.answer(decision.answer, request, request.length === 0);
    } else this.#wait(decision.hold, request);
  }

  #wait(hold: Hold, request: FastRequest): void {
    this.#hold = hold;
    void hold.settled.then((next) => {
      if (this.#hold !== hold) return;
      this.#hold = null;
      this.#settle(next, request);
    });
  }

  #next(): void {
    this.#state = 'idle';
    this.#sinceMs = this.#home.tools.clock.monotonicMs();
    if (this.socket.isPaused() && (this.#ahead?.length ?? 0) <= aheadBytes) this.socket.resume();
    if (this.#ahead !== null) this.#pump();
  }

  /** Ends the connection and goes on reading for a little: closing at once would reset it under the last answer. */
  #linger(): void {
    this.#state = 'lingering';
    this.#sinceMs = this.#home.tools.clock.monotonicMs();
    this.#ahead = null;
    this.socket.end();
    this.socket.resume();
  }

  #ended(): void {
    if (this.#user !== null) this.#user.clientEnded();
    else if (this.#hold !== null) this.socket.destroy();
    else {
      this.#ahead = null;
      this.socket.end();
    }
  }

  #closed(): void {
    const { socket } = this;
    const [user, hold] = [this.#user, this.#hold];
    this.#user = null;
    this.#hold = null;
    this.#state = 'lingering';
    socket.removeAllListeners('data');
    this.deadline.end();
    hold?.leave();
    user?.clientClosed();
  }
}

const notProxy = plainAnswer(405, 'Not a proxy.');
const expectationFailed = plainAnswer(417, 'The request expects what nobody here fulfils.');

/** Whether a head that was not whole may be now, or is certainly malformed: only then it is read again. */
function mayBeWhole(bytes: Buffer, searched: number): boolean {
  for (let at = bytes.indexOf(10, searched); at >= 0; at = bytes.indexOf(10, at + 1)) {
    if (bytes[at - 1] !== 13 || (bytes[at - 2] === 10 && bytes[at - 3] === 13)) return true;
  }
  return false;
}
