/** What one version answered since the load began. Times are wall clock, ms. */
export interface Tally {
  readonly served: number;
  /** Answers of 500 and above. */
  readonly failed: number;
  /** Answers that were right, but took 100 ms or more. */
  readonly slow: number;
  readonly firstAt: number;
  /** When the last request that this version answered was sent. */
  readonly lastAt: number;
  readonly firstFailureAt: number | null;
}

/** A line of the load generator: `second` while it runs, `end` once. All counts are cumulative. */
export interface LoadLine {
  readonly type: 'second' | 'end';
  readonly at: number;
  readonly sent: number;
  /** Answers that the shop gave, of any version and status. */
  readonly served: number;
  /** Connection errors, cut-off answers, and answers that are not the shop's. */
  readonly sluiceFailures: number;
  readonly versions: Readonly<Record<string, Tally>>;
  /** The failures one by one; only on the last line. */
  readonly failedAt: readonly {
    readonly at: number;
    readonly version: string | null;
    readonly what: string;
  }[];
}

export function emptyTally(at: number): Tally {
  return { served: 0, failed: 0, slow: 0, firstAt: at, lastAt: at, firstFailureAt: null };
}
