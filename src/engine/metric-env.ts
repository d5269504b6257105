import type { Release } from '../base/release.ts';
import type { TargetState } from '../rollout/state.ts';

/** What the source of a metric is told of whose value is asked for. */
export function metricEnv(
  { target, rollout, stable }: TargetState,
  arm: 'candidate' | 'stable',
): Readonly<Record<string, string>> {
  const going = rollout === null || rollout.phase === 'verifying' ? null : rollout.plan.release;
  const release: Release | null = arm === 'candidate' ? going : (stable?.release ?? null);
  return {
    SLUICE_ARM: arm,
    SLUICE_VERSION: release?.version ?? '',
    SLUICE_ENVIRONMENT: target.environment,
    SLUICE_SERVICE: target.service,
  };
}
