import { formatDuration } from '../base/duration.ts';
import { unreachable } from '../base/invariant.ts';
import type { PlanStep } from '../rollout/plan.ts';
import { oneLine } from './markdown.ts';

/** One step as people say it, on one line and without markdown. */
export function stepText(step: PlanStep): string {
  switch (step.type) {
    case 'maintenance':
      return step.on ? 'show the maintenance page' : 'take the maintenance page away';
    case 'retire':
      return `drain and stop every ${step.arm} instance`;
    case 'command':
      return `${step.label}: ${oneLine(step.command.run)}`;
    case 'start':
      return `start candidate instances until ${step.replicas} are ready`;
    case 'place':
      return step.release === 'stable'
        ? 'put the previous version in place and verify its artifact'
        : 'put the version that comes back in place and verify its artifact';
    case 'restart-stable':
      return 'start the stable release again';
    case 'setWeight':
      return `give the candidate ${Number(step.weightPercent.toFixed(2))} % of the traffic`;
    case 'mirror':
      return `copy ${Number(step.sharePercent.toFixed(2))} % of the safe requests to the candidate for at least ${formatDuration(step.bakeMs)}, at most ${formatDuration(step.deadlineMs)}`;
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
    case 'verify-stable':
      return `probe stable on the new schema, at most ${formatDuration(step.deadlineMs)}`;
    case 'verify-restored':
      return `verify health and error rate at their old level within ${formatDuration(step.deadlineMs)}`;
    default:
      return unreachable(step);
  }
}
