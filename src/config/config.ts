import type { AnalysisSettings } from '../analysis/settings.ts';
import type { CommandSpec } from '../base/command-spec.ts';
import type { EnvironmentName, ServiceName } from '../base/ids.ts';
import type { Affinity, EdgeSettings, ShieldSettings, TrafficLimits } from '../base/route-table.ts';
import type { ServiceRun } from '../base/service-run.ts';
import type { EnvironmentPolicy, Role } from '../policy/policy.ts';
import type { MetricSource } from '../ports/metrics/port.ts';
import type { Channel } from '../ports/notify/port.ts';
import type { Migration } from '../rollout/migration.ts';
import type { LowTrafficPolicy, Strategy } from '../rollout/strategy.ts';

/** `sluice.yml` and its includes, filled in: nothing is optional any more, durations are ms, commands are specs. */
export interface ProjectConfig {
  readonly project: string;
  /** Absolute directory of sluice.yml: commands and relative paths start there. */
  readonly root: string;
  readonly services: readonly ServiceConfig[];
  readonly environments: readonly EnvironmentConfig[];
  readonly roles: readonly Role[];
  /** Report folder, default `01-Projects/<Project>/Deployments`. */
  readonly reports: string;
  /** Where bug reports go; default a folder `01-Projects/<Project>/Inbox`. */
  readonly workAssigner: Channel;
  /** Where returns to QA go; default the folder `QA/Inbox`. */
  readonly qaInbox: Channel;
  /** Left out in code: the defaults. */
  readonly retention?: Retention;
  /** Left out in code: the fast one. */
  readonly router?: { readonly engine: 'fast' | 'standard' };
  readonly contacts: { readonly primary: string | null; readonly secondary: string | null };
}

/** What stays in the state directory beyond what runs, waits or is warm. */
export interface Retention {
  /** The last so many releases that were stable, of each target; default 10. */
  readonly releases: number;
  /** Whatever was added or written within this; default 30 days. */
  readonly ageMs: number;
}

export interface ServiceConfig {
  readonly name: ServiceName;
  readonly run: ServiceRun;
  readonly migrate: Migration | null;
  /** Run before and after the migration and after a rollback; a failure says data integrity is in doubt. */
  readonly integrity: CommandSpec | null;
  readonly hosts: readonly string[];
  readonly pathPrefix: string;
  /**
   * Files that belong to one version: while two run, a 404 there is tried once on the other. Directories with all below
   * them, and `hashed` for names with a hash of their content. Left out in code: none.
   */
  readonly assets?: readonly string[];
  readonly metrics: readonly MetricConfig[];
}

/** A measurement from outside that takes part in the analysis. */
export interface MetricConfig {
  readonly name: string;
  readonly source: MetricSource;
  readonly direction: 'more-is-bad' | 'fewer-is-bad';
  /** `rate`: a count since the last asking, against the arm's requests. `mean`: a level per interval. */
  readonly kind: 'rate' | 'mean';
  readonly intervalMs: number;
  readonly maxAgeMs: number;
  /** A step is not promoted without it. */
  readonly required: boolean;
}

export interface EnvironmentConfig {
  readonly name: EnvironmentName;
  /** Embedded default: processes on this machine. */
  readonly runtime: 'process';
  readonly replicas: number;
  readonly listen: string;
  readonly hosts: readonly string[];
  readonly strategy: Strategy;
  readonly policy: EnvironmentPolicy;
  /** IANA name, of windows and of the written documents. Default UTC. */
  readonly timeZone: string;
  readonly analysis: AnalysisSettings;
  readonly lowTraffic: LowTrafficPolicy;
  /** Failed health probes in a row of a candidate, after a restart, that take it back; null switches it off. Default 3. */
  readonly healthTrigger: number | null;
  readonly affinity: Affinity;
  /** Stable answers safe requests that fail on the candidate; null is off. Default on for canary, else off; left out in code: off. */
  readonly shield?: ShieldSettings | null;
  /** Access log, naming of versions and TLS of the router; left out where nothing of it is written. */
  readonly edge?: EdgeSettings;
  readonly limits: TrafficLimits;
  /** Watched after the last step, before success. */
  readonly soakMs: number;
  /** How long the previous release stays warm after success: rolling back takes seconds until then. */
  readonly rollbackWindowMs: number;
  /** Service must be back this long after a rollback began, else it is escalated. */
  readonly restoreWithinMs: number;
  readonly env: Readonly<Record<string, string>>;
  readonly notices: readonly Channel[];
}
