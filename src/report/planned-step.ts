import { formatDuration } from '../base/duration.ts';
import type { PlanStep, RolloutPlan } from '../rollout/plan.ts';
import { code, command, inline } from './markdown.ts';
import { stepText } from './step-text.ts';

/** A step of the written plan, as markdown: what Sluice does, with the exact command where one runs. */
export function plannedStep(step: PlanStep, plan: RolloutPlan, way: 'forward' | 'back'): string {
  const { release, previous, routing, target } = plan;
  const aimed = `${target.service} --to ${target.environment}`;
  switch (step.type) {
    case 'command':
      return `${inline(sentence(step.label))} (at most ${formatDuration(step.command.timeoutMs)}): ${command(step.command.run)}`;
    case 'start':
      return `Start candidate instances until ${step.replicas} are ready (at most ${formatDuration(release.run.startDeadlineMs)} each): ${command(release.run.start)}`;
    case 'restart-stable': {
      const run = previous?.run.start;
      return `Start ${inline(previous?.version ?? 'the previous release')} again${run === undefined ? '' : `: ${command(run)}`}`;
    }
    case 'setWeight':
      return `Give the candidate ${Number(step.weightPercent.toFixed(2))} % of the traffic on ${routing.listen}`;
    case 'restore':
      return previous === null
        ? `Show the maintenance page on ${routing.listen}, as nothing ran before`
        : `Give all traffic on ${routing.listen} back to ${inline(previous.version)}`;
    case 'approve':
      return `Wait for the approval of ${step.roles.map(inline).join(', ')}: ${code(`sluice approve ${aimed}`)}`;
    case 'pause':
      return step.durationMs === null
        ? `Pause until somebody resumes: ${code(`sluice resume ${aimed}`)}`
        : `Pause for ${formatDuration(step.durationMs)}`;
    case 'promote':
      return `${inline(release.version)} becomes stable${previous === null || !staysWarm(plan) ? '' : `, ${inline(previous.version)} stays warm for ${formatDuration(plan.rollbackWindowMs)}`}`;
    default:
      return (
        inline(sentence(stepText(step))) + (way === 'back' && step.type === 'preserve' ? ' for analysis' : '')
      );
  }
}

/** False where the way forward stops what runs now: it is kept, but going back has to start it. */
export function staysWarm({ steps }: Pick<RolloutPlan, 'steps'>): boolean {
  return !steps.some((step) => step.type === 'retire' && step.arm === 'stable');
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
