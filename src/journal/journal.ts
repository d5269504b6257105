/** An event as the journal keeps it. `type` and `version` name its shape; readers upcast old versions. */
export interface JournalEvent {
  readonly stream: string;
  /** 1, 2, 3 … within the stream, without gaps. */
  readonly version: number;
  /** 1, 2, 3 … over the whole journal, without gaps. */
  readonly sequence: number;
  readonly type: string;
  /** JSON. */
  readonly data: unknown;
  /** Wall clock at the decision, milliseconds. */
  readonly at: number;
  /** Who caused it: a user name, or `controller`. */
  readonly actor: string;
  /** SHA-256 over the previous event's hash and this event's canonical JSON; see hash-chain.ts. */
  readonly hash: string;
}

export interface NewEvent {
  readonly type: string;
  readonly data: unknown;
  readonly at: number;
  readonly actor: string;
}

export type AppendResult =
  | { readonly kind: 'appended'; readonly events: readonly JournalEvent[] }
  /** Someone else wrote first; read and decide again. */
  | { readonly kind: 'version-conflict'; readonly actualVersion: number }
  /** The lease under which the caller acts is not the newest one. */
  | { readonly kind: 'fenced'; readonly holder: string };

export interface Lease {
  readonly name: string;
  /** Who holds it, for people: `pid 4711 on host since 12:00`. */
  readonly holder: string;
  /** Rises with every acquisition: the fencing number. */
  readonly fence: number;
  readonly expiresAt: number;
}

export type LeaseResult =
  | { readonly kind: 'acquired'; readonly lease: Lease }
  | { readonly kind: 'held'; readonly lease: Lease };

/** Which events to read. A place is a version of a stream or a sequence of the journal. */
export interface Range {
  readonly after: number;
  readonly limit: number;
  readonly types?: readonly string[];
}

export interface Snapshot {
  readonly stream: string;
  /** The state after the event of this version. */
  readonly version: number;
  /** Shape of `state`; a reader that does not know it ignores the snapshot. */
  readonly schema: number;
  readonly state: unknown;
}

export type JournalProblem = {
  readonly code: 'hash-mismatch' | 'sequence-gap' | 'version-gap' | 'tail-cut-off' | 'unreadable';
  readonly sequence: number | null;
  readonly message: string;
};

/**
 * The append-only log. An append is acknowledged (its promise resolves) only when it is on disk, and its head in the
 * anchor file beside it. Appends made at the same time share one commit.
 */
export interface Journal {
  /** `expectedVersion` 0: the stream must be empty. All events of one call are appended or none. */
  append(
    stream: string,
    expectedVersion: number,
    events: readonly NewEvent[],
    options?: { readonly lease?: Pick<Lease, 'name' | 'fence'> },
  ): Promise<AppendResult>;
  /**
   * In order, the `limit` events (default all) from the version after `after` (default 0) on. With `types`, those among them
   * that are of one of these types; the others are not even parsed.
   */
  read(stream: string, range?: Partial<Range>): Promise<readonly JournalEvent[]>;
  /** The same over all streams, in order of sequence. */
  readAll(range: Range): Promise<readonly JournalEvent[]>;
  /** Names of the streams that have events, in order of first event. */
  streams(): Promise<readonly string[]>;
  /** Sequence and hash of the last acknowledged event; null while empty. */
  head(): Promise<{ readonly sequence: number; readonly hash: string } | null>;
  /** Called after the acknowledgement, in order of sequence. */
  subscribe(listener: (event: JournalEvent) => void): () => void;
  saveSnapshot(snapshot: Snapshot): Promise<void>;
  loadSnapshot(stream: string): Promise<Snapshot | null>;
  /**
   * `now` comes from the caller's clock. Re-acquiring as the same holder extends without a new fence; a new one is above
   * `above`, a fence seen elsewhere that this journal may not know of. Default 0.
   */
  acquireLease(
    name: string,
    holder: string,
    options: { readonly now: number; readonly ttlMs: number; readonly above?: number },
  ): Promise<LeaseResult>;
  releaseLease(lease: Pick<Lease, 'name' | 'fence'>): Promise<void>;
  /** Reads everything; empty when all is well. */
  verify(): Promise<readonly JournalProblem[]>;
  close(): Promise<void>;
}
