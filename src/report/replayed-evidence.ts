import type { Verdict } from '../analysis/verdict.ts';
import {
  askSafetyAnew,
  type Evidence,
  type EvidenceBatch,
  foldBatch,
  startEvidence,
  verdictOn,
} from '../rollout/evidence.ts';
import type { RolloutPlan } from '../rollout/plan.ts';
import type { RolloutStory } from './rollout-story.ts';

export interface EvidencePoint {
  /** Wall clock of the router, ms. */
  readonly at: number;
  /** Natural logarithm of the e-value that the candidate is bad. */
  readonly logE: number;
}

/** What was measured, folded anew from the journal's batches. */
export interface ReplayedEvidence {
  readonly evidence: Evidence;
  /** At the last batch. */
  readonly verdict: Verdict;
  readonly threshold: number;
  /** At most one for each column of a picture, in order; never empty. */
  readonly points: readonly EvidencePoint[];
}

export const pictureColumns = 60;

/** Null when nothing was measured. The same events give the same figures, bit for bit. */
export function replayEvidence({
  plan,
  events,
}: Pick<RolloutStory, 'plan' | 'events'>): ReplayedEvidence | null {
  if (plan === null) return null;
  const steps = measuredSteps(plan, events);
  const wanted = lastOfEachColumn(steps);
  if (wanted.size === 0) return null;
  let evidence = startEvidence(plan.analysis);
  const points: EvidencePoint[] = [];
  for (const [index, step] of steps.entries()) {
    evidence = step === 'analyze' ? askSafetyAnew(evidence) : foldBatch(evidence, step, plan.analysis);
    if (step === 'analyze' || !wanted.has(index)) continue;
    points.push({ at: step.atMs, logE: harmOf(verdictOn(evidence, plan)).logE });
  }
  const verdict = verdictOn(evidence, plan);
  return { evidence, verdict, threshold: harmOf(verdict).threshold, points };
}

/** Judging is asked only where the picture shows it. */
function lastOfEachColumn(steps: readonly (EvidenceBatch | 'analyze')[]): ReadonlySet<number> {
  const measured = steps.flatMap((step, index) =>
    step === 'analyze' || step.baseline ? [] : [{ at: step.atMs, index }],
  );
  const begin = measured[0]?.at ?? 0;
  const length = Math.max(1, (measured.at(-1)?.at ?? 0) - begin);
  const last = new Map(
    measured.map(({ at, index }) => [Math.round(((at - begin) / length) * (pictureColumns - 1)), index]),
  );
  return new Set(last.values());
}

/** Batches, and where an `analyze` step of the way forward asked for safety anew. */
function measuredSteps(
  plan: RolloutPlan,
  events: RolloutStory['events'],
): readonly (EvidenceBatch | 'analyze')[] {
  const back = events.findIndex(({ type }) => type === 'GoingBackStarted');
  const forward = events.slice(0, back === -1 ? events.length : back);
  return forward.flatMap((event): readonly (EvidenceBatch | 'analyze')[] => {
    if (event.type === 'BatchRecorded') return [event.batch];
    return event.type === 'StepStarted' && plan.steps[event.index]?.type === 'analyze' ? ['analyze'] : [];
  });
}

function harmOf({ figures }: Verdict): { readonly logE: number; readonly threshold: number } {
  return figures.compared ? figures.harm : figures;
}
