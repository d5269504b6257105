import { metricLevel, metricWinner } from '../analysis/metric-process.ts';
import { number } from './numbers.ts';
import type { ReplayedEvidence } from './replayed-evidence.ts';
import type { RolloutStory } from './rollout-story.ts';

/** Which arm of an A/B rollout the analysis shows to be better; null for every other strategy. */
export interface Winner {
  readonly arm: 'candidate' | 'stable' | null;
  /** One sentence with the figures. */
  readonly why: string;
}

/** An arm wins only when the interval of the ratio leaves no doubt; without enough evidence nobody does. */
export function winnerOf({ plan }: RolloutStory, replayed: ReplayedEvidence | null): Winner | null {
  if (plan?.strategy.kind !== 'ab' || plan.kind !== 'deploy') return null;
  const { goal } = plan.strategy;
  if (replayed === null || !replayed.verdict.figures.compared) return nobody('the arms were never compared');
  const { verdict } = replayed;
  if (verdict.kind === 'error') return nobody(verdict.reasons.join(' '));
  if (verdict.kind === 'failed') return { arm: 'stable', why: verdict.reasons.join(' ') };
  if (goal !== 'errors') return byMetric(replayed, goal, plan.analysis.alpha);
  const { ratio } = replayed.verdict.figures;
  if (ratio === null) return nobody('no ratio of the error rates is known');
  const range = `the candidate's error rate is ${number(ratio[0])} to ${number(ratio[1])} times stable's`;
  if (ratio[1] < 1) return { arm: 'candidate', why: range };
  return ratio[0] > 1 ? { arm: 'stable', why: range } : nobody(range);
}

/** A measured goal decides only where equality of the arms is excluded. */
function byMetric({ evidence }: ReplayedEvidence, goal: string, alpha: number): Winner {
  const metric = evidence.analysis.metrics.find(({ test }) => test.name === goal);
  if (metric === undefined || metric.readings === 0) return nobody(`${goal} was never measured`);
  const [candidate, stable] = (['candidate', 'stable'] as const).map((arm) => metricLevel(metric, arm));
  const level = (value: number | null | undefined) => (value == null ? 'not measured' : number(value));
  const why = `${goal} is ${level(candidate)} for the candidate and ${level(stable)} for stable`;
  const arm = metricWinner(metric, alpha);
  return arm === null ? nobody(`${why}, and that they are equal is not excluded`) : { arm, why };
}

function nobody(why: string): Winner {
  return { arm: null, why };
}
