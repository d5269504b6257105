import { createServer, type Server, type Socket } from 'node:net';
import type { Cancel } from '../../base/clock.ts';
import { bind } from '../bind.ts';
import type { Listening, Site } from '../engine.ts';
import { openDoor } from '../secure-door.ts';
import { ClientConnection, type ClientHome } from './client-connection.ts';
import type { FastTools } from './fast-tools.ts';

const sweepMs = 250;

/** One listening address and the connections of its clients. */
export class FastListening implements Listening, ClientHome {
  readonly site: Site;
  readonly tools: FastTools;
  headBytes = 16 * 1024;
  clientHeadMs = 10_000;
  closing = false;
  ending = false;
  readonly server: Server;
  #open = new Set<ClientConnection>();
  /** Connections whose TLS handshake goes on. */
  #shaking = new Set<Socket>();
  #cancelSweep: Cancel | null = null;

  constructor(site: Site, tools: FastTools) {
    this.site = site;
    this.tools = tools;
    this.server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket));
  }

  /** Rejects with `listen-failed`. */
  open(address: string, from?: Server): Promise<void> {
    return bind(this.server, address, from);
  }

  setLimits({
    headBytes,
    clientHeadMs,
  }: {
    readonly headBytes: number;
    readonly clientHeadMs: number;
  }): void {
    this.headBytes = headBytes;
    this.clientHeadMs = clientHeadMs;
  }

  close(): Promise<void> {
    this.closing = true;
    this.ending = true;
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      for (const connection of this.#open) connection.closeIfIdle();
    });
  }

  handOver(): Promise<void> {
    this.closing = true;
    return new Promise((resolve) => {
      this.server.close(() => resolve());
    });
  }

  destroy(): void {
    for (const { socket } of this.#open) socket.destroy();
    for (const socket of this.#shaking) socket.destroy();
  }

  #accept(raw: Socket): void {
    let served = false;
    openDoor(raw, { site: this.site, clock: this.tools.clock }, (socket) => {
      served = true;
      this.#shaking.delete(raw);
      this.#serve(socket);
    });
    if (served) return;
    this.#shaking.add(raw);
    raw.once('close', () => this.#shaking.delete(raw));
  }

  #serve(socket: Socket): void {
    const connection = new ClientConnection(socket, this);
    this.#open.add(connection);
    socket.once('close', () => this.#open.delete(connection));
    this.#cancelSweep ??= this.tools.clock.after(sweepMs, () => this.#sweep());
  }

  #sweep(): void {
    const now = this.tools.clock.monotonicMs();
    for (const connection of this.#open) connection.check(now);
    this.#cancelSweep = this.#open.size > 0 ? this.tools.clock.after(sweepMs, () => this.#sweep()) : null;
  }
}
