import type { Passage } from '../engine.ts';
import type { Client, ClientUser } from './client.ts';
import type { UpstreamConnection, UpstreamUser } from './upstream-connection.ts';

/** Bytes both ways after an upgrade, until one side ends. There is no idle limit. */
export class Tunnel implements ClientUser, UpstreamUser {
  #client: Client;
  #upstream: UpstreamConnection;
  #passage: Passage;
  #over = false;
  /** Behind the head of the 101. */
  #bytes = 0;

  constructor(client: Client, upstream: UpstreamConnection, passage: Passage) {
    this.#client = client;
    this.#upstream = upstream;
    this.#passage = passage;
  }

  /** `first`: the head of the 101 and what came behind it. */
  open(first: Buffer): void {
    this.#upstream.user = this;
    this.#client.handTo(this);
    this.#client.socket.write(first);
    const ahead = this.#client.takeAhead();
    if (ahead !== null) this.#upstream.socket.write(ahead);
    this.#client.socket.resume();
  }

  clientBytes(bytes: Buffer): null {
    if (!this.#upstream.socket.write(bytes)) this.#client.socket.pause();
    return null;
  }

  upstreamBytes(bytes: Buffer, from: number, to: number): void {
    const { socket } = this.#client;
    this.#bytes += to - from;
    if (!socket.write(bytes.subarray(from, to))) this.#upstream.socket.pause();
    if (socket.writableLength > 0) this.#upstream.keepBuffer();
  }

  clientDrained(): void {
    this.#upstream.socket.resume();
  }

  upstreamDrained(): void {
    this.#client.socket.resume();
  }

  clientEnded(): void {
    this.#upstream.socket.end();
  }

  upstreamEnded(): void {
    this.#client.socket.end();
  }

  clientClosed(): void {
    this.#finish();
  }

  upstreamClosed(): void {
    this.#client.socket.destroySoon();
    this.#finish();
  }

  deadlinePassed(): void {}
  upstreamReady(): void {}

  cut(): void {
    this.#client.socket.destroy();
    this.#finish();
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#upstream.destroy();
    this.#passage.ended({ status: 101, bytes: this.#bytes });
  }
}
