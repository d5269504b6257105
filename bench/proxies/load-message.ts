/** The answers that are asked for, bytes of body: `GET /1024`. */
export const bodySizes = [1_024, 65_536] as const;

export type BodySize = (typeof bodySizes)[number];

/** What the load is told to do: as fast as it goes, each connection asking again when it has its answer, or at a pace. */
export interface LoadOrder {
  readonly port: number;
  readonly bodyBytes: BodySize;
  readonly connections: number;
  /** Before anything is counted. */
  readonly leadMs: number;
  readonly forMs: number;
  /** Requests a second, whether answers come or not. Null: as fast as it goes. */
  readonly pace: number | null;
  /** The processes whose time is taken meanwhile. */
  readonly watched: readonly number[];
}

export interface LoadReport {
  /** Whole and with status 200. */
  readonly answers: number;
  /** Anything else, closed connections included. */
  readonly failed: number;
  readonly elapsedMs: number;
  /** Of the watched processes together: all their threads on a core. */
  readonly ranMs: number;
  /** In which the watched processes had something to do, whether they had a core for it or not. */
  readonly busyMs: number;
  /** From the write of each request (or when it was due, if no connection was free) to its whole answer; only kept at a pace. */
  readonly latenciesMs: readonly number[];
}
