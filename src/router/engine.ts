import type { IncomingHttpHeaders } from 'node:http';
import type { Server } from 'node:net';
import type { TrafficLimits } from '../base/route-table.ts';
import type { Certified } from './secure-door.ts';
import type { HeaderField } from './version-fields.ts';

/** `fast`: own parser on `node:net`. `standard`: `node:http` on both sides, slower, as the fallback. */
export type EngineName = 'fast' | 'standard';

/**
 * What carries bytes. It parses requests, asks the `Site` what to do with each, and tells what became of it. It knows
 * neither weights nor health nor counters, so that a faster engine can take the place of the standard one.
 */
export interface Engine {
  readonly name: EngineName;
  /**
   * Accepts connections on `host:port`. Rejects with `listen-failed`. With `from`, a server that listens already (its socket
   * came from the router before this one), that socket is used; `bind` does so before it returns, and nothing may be
   * awaited before: what is accepted meanwhile would have no reader.
   */
  listen(address: string, site: Site, from?: Server): Promise<Listening>;
  /** Closes the idle connections to an address that no table names any more. */
  retire(address: string): void;
  /** Closes whatever is open. */
  close(): void;
}

export interface Listening {
  /** Whose socket can be given to another process. */
  readonly server: Server;
  /** The limits that hold before the target of a request is known: the widest of all its targets. */
  setLimits(limits: { readonly headBytes: number; readonly clientHeadMs: number }): void;
  /** Accepts nothing new, lets exchanges end (their connections close after them), resolves when all have. */
  close(): Promise<void>;
  /**
   * Another process accepts on the same socket from now on. As `close`, but an idle connection stays open: its client may
   * be sending a request already. It gets `Connection: close` with its next answer, or ends after its usual idle time.
   */
  handOver(): Promise<void>;
  /** Cuts off what is left. */
  destroy(): void;
}

/** What answers an engine's questions about requests that came in on one listener. */
export interface Site extends Certified {
  decide(head: RequestHead): Decision;
}

export interface RequestHead {
  readonly method: string;
  /** Path and query, always beginning with `/`. */
  readonly path: string;
  /** Host name in small letters, without the port; empty when the client gave none. */
  readonly host: string;
  readonly headers: IncomingHttpHeaders;
  readonly remoteAddress: string;
  readonly headBytes: number;
  /** From Content-Length; null when chunked. */
  readonly bodyBytes: number | null;
  readonly upgrade: boolean;
  /** It says `Sluice-Debug: version`, which no instance gets to see. */
  readonly asksVersion: boolean;
  /** What an instance at `address` gets of its header: names and values by turns. */
  fieldsFor(address: string): readonly string[];
}

export type Decision =
  | { readonly kind: 'forward'; readonly passage: Passage }
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'hold'; readonly hold: Hold };

/** A request that waits for the end of a pause. */
export interface Hold {
  readonly settled: Promise<Decision>;
  /** The client went away: forget the request. */
  leave(): void;
}

/** What the router says by itself. */
export interface Answer {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

/** What a client gets after an attempt. */
export type Settlement =
  /** What came: the answer of the instance, or the engine's own 502, 503 or 504. */
  | { readonly kind: 'pass' }
  /** Nothing of it: the request moved, send it to `address` as if for the first time, with a deadline of its own. */
  | { readonly kind: 'again' }
  /** This instead. */
  | { readonly kind: 'answer'; readonly answer: Answer };

/** What the client got in the end. */
export interface Sent {
  /** Null: no head of an answer. */
  readonly status: number | null;
  /** Of its body; after an upgrade, all that came back. */
  readonly bytes: number;
}

/**
 * One request on its way to an instance. The engine calls exactly one of `answered`, `failed`, `abandoned` or `refused`
 * (which begins anew when it gives true), then `ended` exactly once. `abandoned` before anything came back is for clients
 * that went away. A `settle` that gives `again` begins anew too.
 */
export interface Passage {
  /** `host:port` of the instance in charge; changes when the request moves. */
  readonly address: string;
  readonly limits: TrafficLimits;
  /** The instance in charge has this long for its head: `limits.upstreamHeadMs`, or less where another version may answer. */
  readonly headMs: number;
  /** What the head of the answer that came gets beside its own fields. Asked when that head is passed on. */
  readonly added: readonly HeaderField[];
  /**
   * Asked right before the first byte is sent. False: a newer table names the instance no more and no other can take the
   * request. True: send it to `address`, which may have changed.
   */
  confirm(): boolean;
  /** The connection could not be made, so nothing was sent. True: the request moved, send it to `address`. */
  refused(): boolean;
  /** A response head with this status came. */
  answered(status: number): void;
  /** No head came within `headMs`. How much longer to wait for it, ms; 0: it has failed. */
  late(): number;
  /** Reset, nonsense, or no head within the deadline. */
  failed(): void;
  /**
   * Asked once after `answered`, after `failed`, and after a `confirm` or `refused` that gave false, provided that the
   * client is there and has got no byte of an answer (a 1xx is one). An engine that does not ask shields nobody.
   */
  settle(): Settlement;
  /** The response ended before it was complete. */
  broken(): void;
  abandoned(): void;
  ended(sent: Sent): void;
  /** Told to the engine when a drain deadline passed: end the exchange now. */
  onCut(cut: () => void): void;
}
