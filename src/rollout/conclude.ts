import type { Verdict } from '../analysis/analysis.ts';
import type { RolloutEvent } from './event.ts';
import { verdictKindOn, verdictOn } from './evidence.ts';
import { verdictOnCopies } from './mirrored.ts';
import type { PlanStep } from './plan.ts';
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
  const failed = failedCopies(rollout);
  if (failed.length > 0) return failed;
  const waiting = rollout.started && rollout.outcome === null && rollout.pausedBy === null;
  if ((step?.type !== 'analyze' && step?.type !== 'mirror') || !waiting) return [];
  const waited = at - rollout.stepStartedAt;
  if (waited < step.bakeMs) return [];
  if (step.type === 'mirror') return concludeCopies(state, rollout, { step, waited });
  if (kind === 'successful') return [{ type: 'VerdictReached', ok: true, observed: observed() }];
  if (waited < step.deadlineMs) return [];
  return whenLate(state, rollout, { waited, deadlineMs: step.deadlineMs, kind, words: observed() });
}

/** Before the first user meets it: copies of users' requests have shown that the candidate is worse. */
function failedCopies(rollout: Running): readonly RolloutEvent[] {
  if (rollout.evidence.mirror === undefined || rollout.hadTraffic) return [];
  const { kind, reasons } = verdictOnCopies(rollout.evidence, rollout.plan);
  if (kind !== 'failed') return [];
  const reason = { code: 'mirror-failed', message: reasons.join(' '), by: 'controller' };
  return [{ type: 'GoingBackStarted', reason, hadTraffic: rollout.hadTraffic }];
}

/** Copies may fail a release but never prove one: without doubt, or without copies, users are next, a few at a time. */
function concludeCopies(
  state: TargetState,
  rollout: Running,
  { step, waited }: { readonly step: Extract<PlanStep, { type: 'mirror' }>; readonly waited: number },
): readonly RolloutEvent[] {
  const { kind, reasons } = verdictOnCopies(rollout.evidence, rollout.plan);
  const words = reasons.join(' ');
  if (kind === 'unharmed') return [{ type: 'VerdictReached', ok: true, observed: words }];
  const { deadlineMs } = step;
  return waited < deadlineMs
    ? []
    : whenLate(state, rollout, { waited, deadlineMs, kind: 'inconclusive', words });
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
