import type { RolloutEvent } from '../../src/rollout/event.ts';
import type { PlanStep } from '../../src/rollout/plan.ts';
import type { Law } from '../law.ts';

/** Clocks are put right by less than that all the time. */
const slackMs = 1_050;

/** Law 2: a soak, a pause and what bakes before a verdict last as long as the plan says, though the wall clock is set forward meanwhile. */
export function stepsTakeTheirTime(): Law {
  let index = 0;
  let startedMs = 0;
  let durationMs = 0;
  let leaseMs = 0;
  return {
    name: '2: steps take their time',
    judge(fact, world) {
      const { ledger, nowMs } = world;
      if (fact.kind === 'lease') leaseMs = nowMs;
      if (fact.kind !== 'event') return null;
      const event = { type: fact.event.type, ...(fact.event.data as object) } as RolloutEvent;
      if (event.type === 'StepStarted') {
        index = event.index;
        const step = ledger.step();
        // A step begins when that is decided; only a disk in trouble is believed to have held it up.
        startedMs = nowMs - (world.diskHurtSince(nowMs) ? Math.max(0, world.now - event.at) : 0);
        durationMs = leastOf(step);
      }
      const isOver = event.type === 'StepCompleted' && event.how === 'the time is over';
      const isGood = event.type === 'VerdictReached' && event.ok;
      if (!isOver && !isGood) return null;
      // A controller that starts in the midst of a step knows only the wall clock.
      if (leaseMs >= startedMs || nowMs - startedMs >= durationMs - slackMs) return null;
      return `step ${index} lasted ${nowMs - startedMs} of ${durationMs} ms`;
    },
  };
}

function leastOf(step: PlanStep | null): number {
  if (step?.type === 'soak' || step?.type === 'pause') return step.durationMs ?? 0;
  return step?.type === 'analyze' || step?.type === 'mirror' ? step.bakeMs : 0;
}
