/** A measurement from outside the router: a business metric, a saturation figure. */
export type MetricSource =
  | { readonly kind: 'command'; readonly run: string; readonly timeoutMs: number }
  | { readonly kind: 'http'; readonly url: string; readonly path: string; readonly timeoutMs: number };

/** `stale` and `error` carry the reason; neither ever counts as good. */
export type Measurement =
  | { readonly kind: 'value'; readonly value: number; readonly measuredAt: number }
  | { readonly kind: 'stale'; readonly reason: string; readonly measuredAt: number }
  | { readonly kind: 'error'; readonly reason: string };

export interface Metrics {
  /**
   * `env` tells the source what it is asked about (SLUICE_ARM, SLUICE_VERSION, SLUICE_ENVIRONMENT, SLUICE_SERVICE). A
   * measurement older than `maxAgeMs` is stale; a source that gives no time of its own is as old as its answer.
   */
  measure(
    source: MetricSource,
    options: {
      readonly env: Readonly<Record<string, string>>;
      readonly maxAgeMs: number;
      readonly at: number;
    },
  ): Promise<Measurement>;
}
