import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Cancel, Clock } from '../base/clock.ts';
import { BackendAgents } from './backend-agents.ts';
import type { HeadSeen } from './mirror-counter.ts';

export interface CopiedRequest {
  readonly address: string;
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** Names and values by turns. */
  readonly headers: readonly string[];
  /** The instance has this long for the head of its answer. */
  readonly headMs: number;
}

/** Called once: with what came of the copy, and whether its answer did not break off; null when it could not be sent. */
export type CopyEnd = (seen: HeadSeen | null, whole: boolean) => void;

/** Copies of one target that are under way at most. */
export const mostCopies = 64;
/** Of an answer so much is read, so that its connection can be used again. */
const readBytes = 64 * 1024;
const readMs = 1_000;
/** Sooner than any server closes one: a copy that meets a closing connection is not sent again, and would count as bad. */
const idleMs = 1_000;

/** Sends copies of requests on connections of its own, each once, and throws the answers away. Nothing of it ever throws. */
export class MirrorSender {
  #clock: Clock;
  #agents = new BackendAgents(idleMs);
  #underWay = new Set<Copy>();
  #addresses: ReadonlySet<string> = new Set();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isFull(): boolean {
    return this.#underWay.size >= mostCopies;
  }

  /** Copies go to these from now on. Connections to others end, each after the copy that is under way on it. */
  keep(addresses: ReadonlySet<string>): void {
    for (const address of this.#addresses) if (!addresses.has(address)) this.#agents.retire(address);
    this.#addresses = addresses;
  }

  /** Gives back what ends the copy without an outcome. */
  send(request: CopiedRequest, ended: CopyEnd): Cancel {
    const copy: Copy = new Copy(this.#clock, (seen, whole) => {
      this.#underWay.delete(copy);
      ended(seen, whole);
    });
    this.#underWay.add(copy);
    // The request of the user goes first: it is on its way when this tick ends.
    process.nextTick(() => copy.send(this.#agents, request));
    return () => {
      if (this.#underWay.delete(copy)) copy.cut();
    };
  }

  /** Ends what is under way, without an outcome. */
  close(): void {
    for (const copy of this.#underWay) copy.cut();
    this.#underWay.clear();
    this.#agents.close();
  }
}

class Copy {
  #clock: Clock;
  #ended: CopyEnd;
  #upstream: ClientRequest | null = null;
  #response: IncomingMessage | null = null;
  #cancel: Cancel | null = null;
  #over = false;
  #bytes = 0;

  constructor(clock: Clock, ended: CopyEnd) {
    this.#clock = clock;
    this.#ended = ended;
  }

  send(agents: BackendAgents, { address, method, path, headers, headMs }: CopiedRequest): void {
    if (this.#over) return;
    const sentMs = this.#clock.monotonicMs();
    const failed = () => this.#end({ status: null, latencyMs: null }, false);
    try {
      const upstream = agents.request(address, false, { method, path, headers });
      this.#upstream = upstream;
      upstream.on('response', (response) => {
        const latencyMs = this.#clock.monotonicMs() - sentMs;
        this.#read(response, { status: response.statusCode ?? null, latencyMs });
      });
      // Nobody asked for another protocol.
      upstream.on('upgrade', (_response, socket) => {
        socket.destroy();
        failed();
      });
      upstream.on('error', failed);
      upstream.end();
    } catch {
      // A head that node:http refuses to write says nothing about the instance.
      this.#end(null, false);
      return;
    }
    this.#cancel = this.#clock.after(headMs, failed);
  }

  cut(): void {
    this.#over = true;
    this.#cancel?.();
    this.#upstream?.destroy();
  }

  #read(response: IncomingMessage, seen: HeadSeen): void {
    this.#response = response;
    const broken = () => this.#end(seen, false);
    response.on('error', broken).on('aborted', broken);
    if (this.#over) return;
    this.#cancel?.();
    const enough = () => this.#end(seen, true);
    this.#cancel = this.#clock.after(readMs, enough);
    response.on('data', (bytes: Buffer) => {
      this.#bytes += bytes.byteLength;
      if (this.#bytes > readBytes) enough();
    });
    response.on('end', enough);
  }

  #end(seen: HeadSeen | null, whole: boolean): void {
    if (this.#over) return;
    this.#over = true;
    this.#cancel?.();
    this.#ended(seen, whole);
    // The connection of an answer that has ended is kept.
    if (this.#response?.complete !== true) this.#upstream?.destroy();
  }
}
