import { formatDuration } from '../base/duration.ts';
import { unreachable } from '../base/invariant.ts';
import type { GateResult } from '../rollout/gate.ts';
import type { PlanStep, RolloutPlan } from '../rollout/plan.ts';

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

/** One step as people say it. */
export function stepText(step: PlanStep): string {
  switch (step.type) {
    case 'maintenance':
      return step.on ? 'show the maintenance page' : 'take the maintenance page away';
    case 'retire':
      return `drain and stop every ${step.arm} instance`;
    case 'command':
      return `${step.label}: \`${step.command.run}\``;
    case 'start':
      return `start candidate instances until ${step.replicas} are ready`;
    case 'restart-stable':
      return 'start the stable release again';
    case 'setWeight':
      return `give the candidate ${Number(step.weightPercent.toFixed(2))} % of the traffic`;
    case 'analyze':
      return `compare with stable for at least ${formatDuration(step.bakeMs)}, at most ${formatDuration(step.deadlineMs)}`;
    case 'pause':
      return step.durationMs === null
        ? 'pause until somebody resumes'
        : `pause ${formatDuration(step.durationMs)}`;
    case 'approve':
      return `wait for the approval of ${step.roles.join(', ')}`;
    case 'soak':
      return `watch for ${formatDuration(step.durationMs)}`;
    case 'promote':
      return 'the candidate becomes stable';
    case 'restore':
      return 'all traffic back to stable';
    case 'preserve':
      return 'keep logs, counts and the failed artifact';
    case 'verify-restored':
      return `verify health and error rate at their old level within ${formatDuration(step.deadlineMs)}`;
    default:
      return unreachable(step);
  }
}
