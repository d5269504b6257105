import type { RouteTable } from '../base/route-table.ts';
import type { ErrorFacts } from '../base/sluice-error.ts';
import type { TargetReport } from './target.ts';

/** Raised when a router of before could not understand what is said; it then stays in charge. */
export const handOverFormat = 1;

/** The argument of a router that takes over from its parent. */
export const succeedArgument = '--succeed';

/**
 * How a router hands over to its successor, a child process with a channel:
 *
 *   successor    predecessor
 *   hello ──────▶
 *        ◀────── take-over      the routes are on disk; nobody is told counts until the end of this
 *   ready ──────▶               its door is open under a name of its own
 *        ◀────── listener       one for each listening socket, with the socket
 *        ◀────── complete
 *   serving ────▶               it has the path of the door; the predecessor accepts nothing more
 *
 * From then on the predecessor reports what ends there, and does what it is asked. `failed`, or the end of the
 * successor before it serves, leaves everything as it was.
 */
export type FromPredecessor =
  | {
      readonly kind: 'take-over';
      readonly format: number;
      readonly socketPath: string;
      readonly epoch: string;
      readonly pid: number;
      /** How many processes, one behind the other, end what began there: this one and those before it. */
      readonly elders: number;
      readonly reports: readonly TargetReport[];
    }
  | { readonly kind: 'listener'; readonly address: string }
  | { readonly kind: 'complete' }
  | { readonly kind: 'report'; readonly reports: readonly TargetReport[] }
  | {
      readonly kind: 'done';
      readonly id: number;
      readonly value: unknown;
      readonly error: ErrorFacts | null;
    };

export type FromSuccessor =
  | { readonly kind: 'hello' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'serving'; readonly pid: number; readonly version: string }
  | { readonly kind: 'failed'; readonly error: ErrorFacts }
  | { readonly kind: 'ask'; readonly id: number; readonly asked: Asked };

/** What the successor asks of what has not ended yet. */
export type Asked =
  | { readonly what: 'apply'; readonly table: RouteTable }
  | { readonly what: 'remove'; readonly target: string }
  | {
      readonly what: 'drained';
      readonly target: string;
      readonly instance: string;
      readonly deadlineMs: number;
    }
  | { readonly what: 'end'; readonly graceMs: number };
