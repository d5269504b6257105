import type { InstanceId } from './ids.ts';

/** A histogram as [bucket index, count] pairs in rising order of index; buckets without a count are left out. */
export type SparseHistogram = readonly (readonly [bucket: number, count: number])[];

/** What one instance did with the user requests that the router gave to it. Cumulative since `epoch`. */
export interface InstanceCounts {
  readonly instance: InstanceId;
  /** The rollout that started the instance: the arm it belongs to. */
  readonly generation: string;
  /** Requests that got an outcome: a response head, a failure, or the passing of the deadline. */
  readonly requests: number;
  /** 5xx, connection error, reset, or no head within the deadline, counted the moment it is known. */
  readonly bad: number;
  /** Of `requests`, those with a 4xx head. */
  readonly clientErrors: number;
  /**
   * Of `bad`, those whose users another instance answers well instead. Falls again by those where it then failed too. Left
   * out by a router of before: none.
   */
  readonly shielded?: number;
  /** Of `requests` and `bad`, those with a safe method (GET, HEAD, OPTIONS). */
  readonly safeRequests: number;
  readonly safeBad: number;
  /** By status class: '1xx' is never counted; 'error' stands for outcomes without a head. */
  readonly statuses: Readonly<Record<'2xx' | '3xx' | '4xx' | '5xx' | 'error', number>>;
  /** Time to the response head. Upgrades are left out. A client that went away is in `abandoned`, never here. */
  readonly latency: SparseHistogram;
  /** Clients that went away before the head, by how long they had waited. */
  readonly abandoned: SparseHistogram;
  /** Requests that have been sent to the instance and whose exchange has not ended. Not cumulative. */
  readonly inFlight: number;
}

/** Everything the router has counted for one target. */
export interface TrafficCounts {
  /** Changes when a router starts without its counters: totals begin at zero again. */
  readonly epoch: string;
  /** Wall clock of the router when it read these, milliseconds. */
  readonly at: number;
  readonly instances: readonly InstanceCounts[];
  /** 100 hash slots (of the affinity key, or of the client address): requests and bad ones, per generation. */
  readonly slots: readonly SlotCounts[];
  /** Bounded number of routes (method and path with numbers folded); the rest stands under `other`. */
  readonly routes: readonly RouteCounts[];
  /** Requests the router itself answered, because no instance could: maintenance page, pause bound passed, no backend. */
  readonly unserved: number;
  /** For each generation that got copies of requests; left out: none did. */
  readonly mirror?: readonly MirrorCounts[];
}

/** What became of copies of users' requests, beside what became of the users' own. Cumulative since `epoch`. */
export interface MirrorCounts {
  /** The rollout that started the instances that got the copies. */
  readonly generation: string;
  /** Copies that got an outcome; bad as in `InstanceCounts`. */
  readonly candidate: RequestTally;
  /** Safe requests of users that stable had while copies were made, copied or not. */
  readonly stable: RequestTally;
  /** Not sent although chosen: too many were under way, or no instance could take them. */
  readonly skipped: number;
  /** The bounded routes of `TrafficCounts.routes`. */
  readonly routes: readonly MirrorRoute[];
}

export interface RequestTally {
  readonly requests: number;
  readonly bad: number;
}

/** Both answers to the requests that were copied; a client that went away leaves no pair. */
export interface MirrorRoute {
  readonly route: string;
  readonly requests: number;
  /** Where the two differ in status: `'200'`, … or `error` for no head. Beyond 20 different ones of a route, as `other`. */
  readonly differences: readonly MirrorDifference[];
  readonly stableLatency: SparseHistogram;
  readonly candidateLatency: SparseHistogram;
}

export interface MirrorDifference {
  readonly stable: string;
  readonly candidate: string;
  readonly requests: number;
}

export interface SlotCounts {
  readonly generation: string;
  readonly slot: number;
  readonly requests: number;
  readonly bad: number;
}

export interface RouteCounts {
  readonly route: string;
  readonly generation: string;
  readonly statuses: Readonly<Record<string, number>>;
}
