import { formatDuration } from '../base/duration.ts';
import type { GateResult } from '../rollout/gate.ts';
import type { PlanStep, RolloutPlan } from '../rollout/plan.ts';
import { stepText } from './step-text.ts';

/** The written deployment plan: what stands here is what runs. */
export function planText(plan: RolloutPlan, gates: readonly GateResult[]): string {
  const { release, previous, target } = plan;
  return [
    `# Deployment plan: ${release.service} ${release.version} to ${target.environment}`,
    '',
    `- Rollout: ${plan.rollout}`,
    `- Unit: ${release.unit ?? 'none'}`,
    `- Artifact: ${release.artifact}`,
    `- Strategy: ${plan.strategy.kind}, ${plan.replicas} replicas`,
    `- Previous version: ${previous?.version ?? 'none: a first release has nothing to compare with and no way back'}`,
    `- Service restored within: ${formatDuration(plan.restoreWithinMs)}`,
    `- Rollback window: ${formatDuration(plan.rollbackWindowMs)} after success`,
    '',
    '## Pre-deployment checklist',
    '',
    ...gates.map(
      ({ gate, holds, onFailure, required, observed }) =>
        `- [${holds ? 'x' : onFailure === 'warn' ? '!' : ' '}] ${gate}: ${required} (${observed})`,
    ),
    '',
    '## Steps',
    '',
    ...numbered(plan.steps),
    '',
    '## Rollback steps',
    '',
    ...numbered(plan.backSteps),
    '',
  ].join('\n');
}

/** The gates alone, when they keep the rollout out. */
export function gatesText(gates: readonly GateResult[]): string {
  return gates
    .map(({ gate, holds, onFailure, required, observed, remedy }) => {
      const mark = holds ? '✔' : onFailure === 'warn' ? '!' : '✖';
      const line = `${mark} ${gate}: ${observed}`;
      return holds ? line : `${line}\n    required: ${required}${remedy === '' ? '' : `\n    → ${remedy}`}`;
    })
    .join('\n');
}

function numbered(steps: readonly PlanStep[]): readonly string[] {
  return steps.map((step, index) => `${index + 1}. ${stepText(step)}`);
}
