import type { InstanceId, TargetId } from './ids.ts';

/** Ten thousand hundredths of a per cent: all of the traffic. */
export const fullWeight = 10_000;

export interface Backend {
  readonly instance: InstanceId;
  /** The rollout that started the instance; counters are kept per generation. */
  readonly generation: string;
  /** `127.0.0.1:34567` */
  readonly address: string;
  /** What people call the release that runs there; left out by controllers of before it was told. */
  readonly version?: string;
}

/** What decides, beside weights, who meets the candidate (A/B). All given conditions of a rule hold; any rule suffices. */
export interface MatchRule {
  readonly header?: { readonly name: string; readonly equals?: string; readonly matches?: string };
  readonly cookie?: { readonly name: string; readonly equals?: string; readonly matches?: string };
}

/** How a user is kept on one side: by a cookie that the router sets, or by the hash of a request header. */
export type Affinity =
  | { readonly kind: 'none' }
  | { readonly kind: 'cookie'; readonly name: string }
  | { readonly kind: 'header'; readonly name: string };

/** Stable answers safe requests that fail on the candidate, within this bound. */
export interface ShieldSettings {
  /** At most this share of the requests of the target over ten seconds, 0 … 100; fewer than 50 requests are not bounded. */
  readonly budgetPercent: number;
  /**
   * The candidate has this long for the head of a request that stable may answer instead, at most `upstreamHeadMs`. `auto`: ten
   * times the slowest that stable took on that route lately, at least a second; without enough of them, and where this is left
   * out, `upstreamHeadMs`.
   */
  readonly headMs?: number | 'auto';
}

/** The health probe the router itself makes, so that a dead instance is out while the controller is away. */
export interface ActiveProbe {
  readonly path: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Failures in a row that take an instance out, and successes in a row that bring it back. */
  readonly failures: number;
  readonly successes: number;
}

/** A line of JSON for each request; its fields stand in docs/configuration.md. */
export interface AccessLogSettings {
  /** Absolute. Rotated at 10 MiB to `<path>.1`. */
  readonly path: string;
  /** Share of the requests that get a line, above 0 … 1. */
  readonly sample: number;
  /** Names in queries whose values are written; of all others only the name is. */
  readonly queryValues: readonly string[];
}

/** Absolute paths of PEM files; read by the router itself, and again when they change. */
export interface CertificateFiles {
  /** The certificate of the server first, then those of its issuers. */
  readonly certificate: string;
  /** Its private key, without a passphrase. */
  readonly key: string;
}

/** What the router does at a target's door beside forwarding. */
export interface EdgeSettings {
  readonly accessLog?: AccessLogSettings;
  /** Which answers name the version that gave them: those asked for by `Sluice-Debug: version` (left out), all, or none. */
  readonly nameVersion?: 'on-demand' | 'always' | 'off';
  /** Left out: plain HTTP. All targets of one address have it, or none. */
  readonly tls?: CertificateFiles;
}

/** Copies of users' safe requests for instances that no user meets. */
export interface MirrorSettings {
  /** Who gets the copies, by turns. Their answers are thrown away. */
  readonly backends: readonly Backend[];
  /**
   * Share of the safe requests (GET, HEAD, OPTIONS) without a body that go to stable and are copied, above 0 … 10,000; each is
   * chosen at random, whoever asks.
   */
  readonly share: number;
}

export interface TrafficLimits {
  readonly headBytes: number;
  /** 0: no limit. */
  readonly bodyBytes: number;
  /** The client has this long to send its request head. */
  readonly clientHeadMs: number;
  /** The upstream has this long for its response head; then the request is bad and answered with 504. */
  readonly upstreamHeadMs: number;
  /** Idle time on an exchange in either direction, after which it ends. Upgrades are exempt. */
  readonly idleMs: number;
  /** While paused, a new request waits at most this long, and at most this many wait; then 503. */
  readonly pauseMs: number;
  readonly pausedRequests: number;
}

/**
 * Where the requests for one target go. Applied whole or not at all; a table with a lower `fence`, or the same fence and a
 * lower version, than the applied one is refused (`route-table-stale`); the same version again is acknowledged again.
 */
export interface RouteTable {
  readonly target: TargetId;
  /** Fencing number of the lease under which the controller acts. */
  readonly fence: number;
  /** Rises by one with each change. */
  readonly version: number;
  /** `host:port`. Several targets may share one listener and are told apart by hosts and path prefix. */
  readonly listen: string;
  /** Host names that this target answers; empty: any. */
  readonly hosts: readonly string[];
  /** `/` or a prefix such as `/api`; the longest match wins. */
  readonly pathPrefix: string;
  /** `serve`; `pause` holds new requests; `maintenance` answers them with 503 and a page. */
  readonly mode: 'serve' | 'pause' | 'maintenance';
  readonly stable: readonly Backend[];
  readonly candidate: readonly Backend[];
  /** Share of the requests that the candidate gets, 0 … 10,000. Stable gets the rest: together always 10,000. */
  readonly candidateWeight: number;
  /** A request that a rule matches goes to the candidate whatever the weight says, if the candidate has backends. */
  readonly match: readonly MatchRule[];
  readonly affinity: Affinity;
  /** Left out: users of the candidate get what fails there. */
  readonly shield?: ShieldSettings;
  /**
   * Paths whose 404 is tried once on the other version: `/assets/` and all below it, `hashed` for file names with a hash
   * of their content. Left out: none.
   */
  readonly assets?: readonly string[];
  readonly edge?: EdgeSettings;
  /** Left out: nothing is copied. */
  readonly mirror?: MirrorSettings;
  readonly probe: ActiveProbe;
  readonly limits: TrafficLimits;
}

/** A route table before the controller's lease gives it a fence. */
export type Routes = Omit<RouteTable, 'fence'>;
