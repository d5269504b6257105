import type { Verdict } from '../analysis/analysis.ts';
import type { RolloutEvent } from './event.ts';
import { verdictKindOn, verdictOn } from './evidence.ts';
import { currentStep, instancesOf, type TargetState } from './state.ts';
import type { Running } from './step-progress.ts';

/**
 * What a fresh measurement means for the rollout. Called with each measurement and never without: what is missing or stale
 * concludes nothing.
 */
export function conclude(state: TargetState, at: number): readonly RolloutEvent[] {
  const { rollout } = state;
  if (rollout?.phase !== 'forward' || state.stable?.rollout === rollout.rollout) return [];
  const kind = verdictKindOn(rollout.evidence, rollout.plan);
  // Most batches conclude nothing, and words for that nobody reads are not made.
  const observed = () => verdictOn(rollout.evidence, rollout.plan).reasons.join(' ');
  if (kind === 'failed' && rollout.hadTraffic) {
    const reason = { code: 'analysis-failed', message: observed(), by: 'controller' };
    return [{ type: 'GoingBackStarted', reason, hadTraffic: rollout.hadTraffic }];
  }
  const step = currentStep(rollout);
  const waiting = rollout.started && rollout.outcome === null && rollout.pausedBy === null;
  if (step?.type !== 'analyze' || !waiting) return [];
  const waited = at - rollout.stepStartedAt;
  if (waited < step.bakeMs) return [];
  if (kind === 'successful') return [{ type: 'VerdictReached', ok: true, observed: observed() }];
  if (waited < step.deadlineMs) return [];
  return whenLate(state, rollout, { waited, deadlineMs: step.deadlineMs, kind, words: observed() });
}

/** The deadline passed without a verdict: the low-traffic policy decides. */
function whenLate(
  state: TargetState,
  rollout: Running,
  {
    waited,
    deadlineMs,
    kind,
    words,
  }: {
    readonly waited: number;
    readonly deadlineMs: number;
    readonly kind: Verdict['kind'];
    readonly words: string;
  },
): readonly RolloutEvent[] {
  const observed = `Inconclusive after ${Math.round(waited / 1_000)} s. ${words}`;
  const { index } = rollout;
  const ask: readonly RolloutEvent[] = rollout.asked ? [] : [{ type: 'PersonAsked', index, observed }];
  // What could not be measured is never promoted by itself, whatever the policy.
  if (kind === 'error') return ask;
  switch (rollout.plan.lowTraffic) {
    case 'wait':
      return [];
    case 'extend':
      return waited < 2 * deadlineMs ? [] : ask;
    case 'ask':
      return ask;
    case 'refuse':
      return [{ type: 'VerdictReached', ok: false, observed }];
    case 'promote-on-health': {
      const own = instancesOf(state, rollout.rollout);
      // One that was not ready for a while was not healthy, however it looks just now.
      const healthy = own.length > 0 && own.every(({ status, lapses }) => status === 'ready' && lapses === 0);
      return healthy
        ? [{ type: 'VerdictReached', ok: true, observed: `${observed} Promoted on health and smoke.` }]
        : ask;
    }
    default:
      return ask;
  }
}
