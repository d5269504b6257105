import type { Rollout } from '../rollout/state.ts';
import { plannedStep } from './planned-step.ts';

/** What taking a running rollout back would do, step by step, from where it is. */
export function goingBackText(rollout: Rollout): string {
  const { rollout: id } = rollout;
  if (rollout.phase === 'verifying')
    return `${id} is being verified: it would end, and nothing was moved yet.`;
  const { plan } = rollout;
  const steps = plan.backSteps.map((step, index) => `${index + 1}. ${plannedStep(step, plan, 'back')}`);
  if (rollout.phase === 'back') {
    const at = Math.min(rollout.index + 1, steps.length);
    return [`${id} is going back already, at step ${at} of ${steps.length}:`, ...steps].join('\n');
  }
  return [`${id}, which brings in ${plan.release.version}, would be taken back:`, ...steps].join('\n');
}
