import type { Socket } from 'node:net';
import type { Answer } from '../engine.ts';
import type { Deadline } from './deadline.ts';
import type { FastRequest } from './fast-request.ts';

/** The connection of a client, as far as whoever answers a request on it needs it. */
export interface Client {
  readonly socket: Socket;
  /** Of the request under way. */
  readonly deadline: Deadline;
  /** The router takes nothing new: each answer is the last one of its connection. */
  readonly closing: boolean;
  /** What came ahead, for the exchange that may now take it. */
  takeAhead(): Buffer | null;
  /** What is left of it. */
  putBack(bytes: Buffer | null): void;
  /** Bytes go to another one from now on: an upgrade was granted. */
  handTo(user: ClientUser): void;
  /** The answer was written whole. */
  answered(last: boolean): void;
  /** Says something of the router's own. `whole`: the request was read to its end. */
  answer(answer: Answer, request: FastRequest | null, whole: boolean): void;
}

/** Whoever gets the bytes of the client while a request is under way. */
export interface ClientUser {
  /** Takes what belongs to it and gives the rest; null: nothing is left. */
  clientBytes(bytes: Buffer): Buffer | null;
  clientDrained(): void;
  /** The client sends no more. */
  clientEnded(): void;
  clientClosed(): void;
  deadlinePassed(): void;
  cut(): void;
}
