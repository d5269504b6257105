/** When deployments may happen. Times are wall clock of `timeZone` (IANA name). */
export interface DeployWindow {
  /** 1 Monday … 7 Sunday. */
  readonly days: readonly number[];
  /** Minutes after midnight, 0 … 1440; `to` below `from` runs over midnight. */
  readonly fromMinute: number;
  readonly toMinute: number;
  readonly timeZone: string;
}

/** No deployments between two moments (milliseconds since the epoch, end excluded). */
export interface Freeze {
  readonly from: number;
  readonly to: number;
  readonly reason: string;
}

/** All that a role may be allowed to do. */
export const permissions = [
  'deploy',
  'approve',
  'promote',
  'abort',
  'rollback',
  'override',
  'resolve',
  'signal',
] as const;

export type Permission = (typeof permissions)[number];

/** A role of the configuration: who has it and what it may do. */
export interface Role {
  readonly name: string;
  /** User names; `*` is everybody on this machine. */
  readonly members: readonly string[];
  readonly permissions: readonly Permission[];
}

/** Everything that decides whether a rollout may begin in one environment. */
export interface EnvironmentPolicy {
  /** Empty: any time. */
  readonly windows: readonly DeployWindow[];
  readonly freezes: readonly Freeze[];
  /** Roles of which each must approve once before traffic moves. */
  readonly approvals: readonly string[];
  /** The same digest must have succeeded there. */
  readonly after: string | null;
  /** And been promoted, taken back and promoted again there. */
  readonly rehearse: boolean;
  /** When a rollout already runs. */
  readonly onConflict: 'refuse' | 'queue' | 'supersede';
  /** An approval older than this is stale. Default 30 days. */
  readonly approvalMaxAgeMs: number;
  /** The requester of a rollout may not be the one who approves it. Default false on one machine. */
  readonly approverMustDiffer: boolean;
}
