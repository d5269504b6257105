import {
  type MirrorState,
  type MirrorVerdict,
  mirrorVerdict,
  observeMirror,
  startMirror,
} from '../analysis/mirror.ts';
import type { AnalysisSettings } from '../analysis/settings.ts';
import { type MirrorBatch, noCopies, sumMirrors } from './mirror-sums.ts';
import type { PlanStep, RolloutPlan } from './plan.ts';

/** All that copies of requests have shown; the fold of the batches in which there were some. */
export interface Mirrored {
  readonly analysis: MirrorState;
  readonly seen: MirrorBatch;
}

/** Copies have a test of their own: nothing of it enters the live comparison, and nothing of that enters it but what stable is like. */
export function observeCopies(
  held: Mirrored | undefined,
  { atMs, mirror }: { readonly atMs: number; readonly mirror: MirrorBatch },
  {
    settings,
    past,
  }: { readonly settings: AnalysisSettings; readonly past: Parameters<typeof startMirror>[0] },
): Mirrored {
  const { analysis, seen } = held ?? { analysis: startMirror(past), seen: noCopies };
  const { candidate, stable } = mirror;
  return {
    analysis: observeMirror(analysis, { atMs, candidate, stable }, settings),
    seen: sumMirrors(seen, mirror, 1),
  };
}

/** What the copies come to; of none, that there were none. */
export function verdictOnCopies(
  { mirror }: { readonly mirror?: Mirrored },
  { analysis }: Pick<RolloutPlan, 'analysis'>,
): MirrorVerdict {
  return mirrorVerdict(mirror?.analysis ?? startMirror(), analysis);
}

/**
 * Two tests share α where copies are judged before users are, so that an equal candidate still fails in at most α of all rollouts.
 */
export function sharedAlpha(alpha: number, steps: readonly PlanStep[]): number {
  return mirrors({ steps }) ? alpha / 2 : alpha;
}

/** Whether copies of requests are judged before users are. */
export function mirrors({ steps }: Pick<RolloutPlan, 'steps'>): boolean {
  return steps.some(({ type }) => type === 'mirror');
}
