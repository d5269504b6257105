import { connect, type Socket } from 'node:net';
import type { Cancel, Clock } from '../../base/clock.ts';
import type { HostPort } from '../host-port.ts';

/** Whoever has the connection for the time of one exchange. */
export interface UpstreamUser {
  upstreamReady(): void;
  /** The bytes are only lent: what is kept must be copied, and `keepBuffer` tells of a write that is not over. */
  upstreamBytes(bytes: Buffer, from: number, to: number): void;
  upstreamDrained(): void;
  /** The instance sends no more. */
  upstreamEnded(): void;
  /** Could not be made, was reset, or is at its end. */
  upstreamClosed(): void;
}

/** A connection on this machine takes well under a millisecond; one that hangs longer goes to another instance. */
const connectMs = 2_000;
const bufferBytes = 64 * 1024;
/** Beyond this, copying head and body into one piece costs more than writing two. */
const joinedBytes = 16 * 1024;

/** A connection to an instance. It reads into one buffer of its own for as long as nobody keeps it. */
export class UpstreamConnection {
  readonly address: string;
  readonly socket: Socket;
  user: UpstreamUser | null = null;
  connected = false;
  /** It has carried an exchange before. */
  reused = false;
  /** No byte came since it was handed out. */
  silent = true;
  closed = false;
  idleSinceMs = 0;
  /** How long it may be idle; less when the instance says that it closes sooner. */
  idleMs: number;
  #buffer = Buffer.allocUnsafeSlow(bufferBytes);
  #cancelConnect: Cancel;

  constructor(address: string, place: HostPort, { clock, idleMs }: { clock: Clock; idleMs: number }) {
    this.address = address;
    this.idleMs = idleMs;
    this.socket = connect({
      ...place,
      noDelay: true,
      allowHalfOpen: true,
      onread: {
        buffer: () => this.#buffer,
        callback: (length) => {
          this.#read(length);
          return true;
        },
      },
    });
    this.#cancelConnect = clock.after(connectMs, () => this.socket.destroy());
    this.socket
      .on('connect', () => this.#opened())
      .on('drain', () => this.user?.upstreamDrained())
      .on('end', () => this.#ended())
      // Followed by 'close', which acts.
      .on('error', () => {})
      .on('close', () => this.#gone());
  }

  /** Writes a head and the part of the body that is there with it. */
  send(head: string, body: Buffer | null): boolean {
    if (body === null) return this.socket.write(head, 'latin1');
    if (body.length <= joinedBytes) {
      const joined = Buffer.allocUnsafe(head.length + body.length);
      joined.write(head, 0, 'latin1');
      body.copy(joined, head.length);
      return this.socket.write(joined);
    }
    this.socket.cork();
    this.socket.write(head, 'latin1');
    const flowing = this.socket.write(body);
    this.socket.uncork();
    return flowing;
  }

  /** A write of what was lent is not over: the next bytes go into another buffer. */
  keepBuffer(): void {
    this.#buffer = Buffer.allocUnsafeSlow(bufferBytes);
  }

  destroy(): void {
    this.user = null;
    this.closed = true;
    this.#cancelConnect();
    this.socket.destroy();
  }

  #opened(): void {
    this.#cancelConnect();
    this.connected = true;
    this.user?.upstreamReady();
  }

  #read(length: number): void {
    this.silent = false;
    // Nobody asked: whatever it says would be taken for the answer to the next request.
    if (this.user === null) this.destroy();
    else this.user.upstreamBytes(this.#buffer, 0, length);
  }

  #ended(): void {
    this.closed = true;
    if (this.user === null) this.destroy();
    else this.user.upstreamEnded();
  }

  #gone(): void {
    this.#cancelConnect();
    this.closed = true;
    const { user } = this;
    this.user = null;
    user?.upstreamClosed();
  }
}
