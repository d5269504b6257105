import type { MetricTest } from '../analysis/metric-process.ts';
import type { CommandSpec } from '../base/command-spec.ts';
import type { RolloutId, Target } from '../base/ids.ts';
import type { Release } from '../base/release.ts';
import type { EnvironmentConfig, MetricConfig, ServiceConfig } from '../config/config.ts';
import { compileBackSteps, compileSteps, type StepsInput } from '../rollout/compile-steps.ts';
import { sharedAlpha } from '../rollout/mirrored.ts';
import type { CommandRole, PlanStep, RolloutPlan } from '../rollout/plan.ts';
import type { Serving } from '../rollout/state.ts';

/** What a deployment is planned from. */
export interface PlanInput {
  readonly rollout: RolloutId;
  readonly target: Target;
  readonly service: ServiceConfig;
  readonly environment: EnvironmentConfig;
  readonly release: Release;
  readonly stable: Serving | null;
}

/** Everything that bringing the release in will do. Pure: the same input gives the same plan. */
export function makePlan(input: PlanInput): RolloutPlan {
  const { rollout, target, service, environment, release, stable } = input;
  const steps: StepsInput = {
    strategy: environment.strategy,
    replicas: environment.replicas,
    hasStable: stable !== null,
    smoke: release.run.smoke,
    stableSmoke: stable?.release.run.smoke ?? null,
    migrate: service.migrate,
    integrity: service.integrity,
    approvals: environment.policy.approvals,
    soakMs: environment.soakMs,
    restoreWithinMs: environment.restoreWithinMs,
  };
  const forward = compileSteps(steps);
  return {
    rollout,
    target,
    kind: 'deploy',
    release,
    previous: stable?.release ?? null,
    strategy: environment.strategy,
    replicas: environment.replicas,
    steps: forward,
    backSteps: compileBackSteps(steps),
    migrate: service.migrate,
    match: environment.strategy.kind === 'ab' ? environment.strategy.match : [],
    affinity: environment.strategy.kind === 'ab' ? environment.strategy.affinity : environment.affinity,
    ...(environment.shield && { shield: environment.shield }),
    ...(service.assets?.length && { assets: service.assets }),
    ...(environment.edge && { edge: environment.edge }),
    limits: environment.limits,
    routing: routingOf(service, environment, release),
    analysis: {
      ...environment.analysis,
      alpha: sharedAlpha(environment.analysis.alpha, forward),
      metrics: [...environment.analysis.metrics, ...service.metrics.map(metricTest)],
    },
    lowTraffic: environment.lowTraffic,
    soakMs: environment.soakMs,
    rollbackWindowMs: environment.rollbackWindowMs,
    restoreWithinMs: environment.restoreWithinMs,
  };
}

/**
 * Going back to a release that was stable before: no analysis stands in its way, health and smoke do. With `down`, the
 * stable release's migration is undone while nobody is served, in the order of the operator's procedure.
 */
export function makeRollbackPlan(
  rollout: RolloutId,
  to: Serving,
  stable: Serving | null,
  down = false,
): RolloutPlan {
  return {
    ...to.plan,
    rollout,
    kind: 'rollback',
    release: to.release,
    previous: stable?.release ?? null,
    migrate: null,
    match: [],
    soakMs: 0,
    strategy: down ? { kind: 'recreate' } : to.plan.strategy,
    ...(down ? backWithMigration(to, stable) : backBeside(to)),
  };
}

type Steps = Pick<RolloutPlan, 'steps' | 'backSteps'>;

function backBeside(to: Serving): Steps {
  return {
    steps: [...startOld(to), { type: 'promote' }],
    backSteps: [{ type: 'restore' }, { type: 'preserve' }, { type: 'retire', arm: 'candidate' }],
  };
}

function backWithMigration(to: Serving, stable: Serving | null): Steps {
  const migrate = stable?.plan.migrate ?? null;
  const command = (role: CommandRole, label: string, spec: CommandSpec | null | undefined): PlanStep[] =>
    spec == null ? [] : [{ type: 'command', role, label, command: spec }];
  return {
    steps: [
      { type: 'maintenance', on: true },
      { type: 'retire', arm: 'stable' },
      { type: 'place', release: 'candidate' },
      ...command('migrate-down', 'migrate the schema down', migrate?.down),
      ...startOld(to),
      { type: 'maintenance', on: false },
      { type: 'promote' },
    ],
    backSteps: [
      { type: 'maintenance', on: true },
      { type: 'preserve' },
      { type: 'retire', arm: 'candidate' },
      { type: 'place', release: 'stable' },
      ...command('migrate-up', 'migrate the schema up again', migrate?.up),
      { type: 'restart-stable' },
      { type: 'restore' },
    ],
  };
}

function startOld({ release, plan: { replicas } }: Serving): readonly PlanStep[] {
  const { smoke } = release.run;
  return [
    { type: 'start', replicas },
    ...(smoke === null
      ? []
      : [{ type: 'command', role: 'smoke', label: 'smoke test', command: smoke } as const]),
    { type: 'setWeight', weightPercent: 100, replicas },
  ];
}

/** A business figure is compared by the same ratio as error rates are. */
function metricTest({ name, kind, direction, required }: MetricConfig): MetricTest {
  return { name, kind, direction, ratio: 1, absolute: 0, required, afterWarmup: false };
}

function routingOf(
  service: ServiceConfig,
  environment: EnvironmentConfig,
  release: Release,
): RolloutPlan['routing'] {
  const { path, intervalMs, timeoutMs, failures, successes } = release.run.health;
  return {
    listen: environment.listen,
    hosts: [...new Set([...environment.hosts, ...service.hosts])],
    pathPrefix: service.pathPrefix,
    probe: { path, intervalMs, timeoutMs, failures, successes },
  };
}
