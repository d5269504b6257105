import { defaultAnalysisSettings } from '../analysis/settings.ts';
import { digestOfJson } from '../base/digest.ts';
import { parseEnvironmentName, parseServiceName, type RolloutId } from '../base/ids.ts';
import type { Release } from '../base/release.ts';
import { compileBackSteps, compileSteps, type StepsInput } from './compile-steps.ts';
import type { Migration } from './migration.ts';
import { sharedAlpha } from './mirrored.ts';
import type { RolloutPlan } from './plan.ts';
import type { TargetState } from './state.ts';
import type { Strategy } from './strategy.ts';

export const memoryTarget = {
  service: parseServiceName('web'),
  environment: parseEnvironmentName('production'),
};

const probe = { path: '/healthz', intervalMs: 1_000, timeoutMs: 500, successes: 2, failures: 3 };

/** A release of a small web service, of no unit and no commit unless they are given. */
export function memoryRelease(
  version: string,
  { unit, commit }: Pick<Release, 'unit' | 'commit'> = { unit: null, commit: null },
): Release {
  const run: Release['run'] = {
    start: 'node server.js',
    env: {},
    secretEnv: [],
    health: probe,
    ready: { ...probe, path: '/readyz' },
    startDeadlineMs: 30_000,
    drainDeadlineMs: 30_000,
    smoke: { run: 'node smoke.js', timeoutMs: 60_000, env: {} },
  };
  const { service } = memoryTarget;
  return {
    service,
    version,
    artifact: digestOfJson(version),
    config: digestOfJson(run),
    run,
    unit,
    commit,
  };
}

/** What a plan says of itself; everything else is alike in all of them. */
export interface MemoryPlanInput {
  readonly rollout: RolloutId;
  readonly release: Release;
  readonly strategy: Strategy;
  readonly migrate: Migration | null;
  /** Default: none. */
  readonly stableSmoke?: StepsInput['stableSmoke'];
  /** Roles. Default: none. */
  readonly approvals?: readonly string[];
  readonly soakMs: number;
  readonly rollbackWindowMs: number;
}

/** The plan of a deployment with two replicas over what is stable in this state. */
export function memoryPlan({ stable }: TargetState, input: MemoryPlanInput): RolloutPlan {
  const { rollout, release, strategy, migrate, soakMs, rollbackWindowMs } = input;
  const shape: StepsInput = {
    strategy,
    replicas: 2,
    hasStable: stable !== null,
    smoke: release.run.smoke,
    stableSmoke: input.stableSmoke ?? null,
    migrate,
    integrity: migrate && { run: 'node integrity.js', timeoutMs: 60_000, env: {} },
    approvals: input.approvals ?? [],
    soakMs,
    restoreWithinMs: 60_000,
  };
  const steps = compileSteps(shape);
  return {
    rollout,
    target: memoryTarget,
    kind: 'deploy',
    release,
    previous: stable?.release ?? null,
    strategy,
    replicas: 2,
    steps,
    backSteps: compileBackSteps(shape),
    migrate,
    match: [],
    affinity: { kind: 'none' },
    limits,
    routing: { listen: '127.0.0.1:8080', hosts: [], pathPrefix: '/', probe },
    analysis: {
      ...defaultAnalysisSettings,
      alpha: sharedAlpha(defaultAnalysisSettings.alpha, steps),
      warmupMs: 0,
    },
    lowTraffic: 'ask',
    soakMs,
    rollbackWindowMs,
    restoreWithinMs: 60_000,
  };
}

const limits: RolloutPlan['limits'] = {
  headBytes: 1,
  bodyBytes: 0,
  clientHeadMs: 1,
  upstreamHeadMs: 1,
  idleMs: 1,
  pauseMs: 1,
  pausedRequests: 1,
};
