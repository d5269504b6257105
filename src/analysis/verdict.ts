import { unreachable } from '../base/invariant.ts';
import { limitLogE } from './absolute-limit.ts';
import type { AnalysisState } from './analysis-state.ts';
import type { ArmBatch } from './batch.ts';
import { bernoulliInterval } from './bernoulli-interval.ts';
import { binaryLogE } from './binary-process.ts';
import { combineLogE } from './combine.ts';
import { type Decision, decide, guarded, type HarmEvidence, type SafetyEvidence } from './decide.ts';
import { harmEvidence, safetyEvidence } from './evidence.ts';
import { explainAbsolute, explainVerdict } from './explain.ts';
import { type AbsoluteFigures, type Figures, figuresOf } from './figures.ts';
import { type MetricState, metricLogE } from './metric-process.ts';
import { beyondOldP95, slowerThanOldLogE } from './old-level.ts';
import type { AnalysisSettings } from './settings.ts';

/** What the evidence comes to at this moment; the same at every replay. */
export interface Verdict {
  /** `error`: the measurements cannot be true, and nothing is concluded from them. */
  readonly kind: 'failed' | 'successful' | 'inconclusive' | 'error';
  /** Sentences for people, the most important first. */
  readonly reasons: readonly string[];
  /** `compared: false` where nothing ran beside the candidate: the α sentence does not hold then. */
  readonly figures: Figures | AbsoluteFigures;
}

/** Judges the candidate beside stable. Bake times, deadlines and probes are the caller's. */
export function verdictOf(state: AnalysisState, settings: AnalysisSettings): Verdict {
  const { kind, due, decision, safe } = judge(state, settings);
  const figures = figuresOf(state, settings, { decision, safe });
  const told = (first: readonly string[] = []): Verdict => ({
    kind,
    reasons: [...first, ...explainVerdict(kind, decision.because, figures)],
    figures,
  });
  switch (due) {
    case 'problem':
      return { kind, reasons: [`Cannot judge: ${state.problem}.`], figures };
    case 'shadow':
      return told([
        'Stable instances differ from each other, so this environment cannot be compared; the candidate is not blamed.',
      ]);
    case 'missing':
      return told(missingOf(state).map(notMeasured));
    case 'evidence': {
      const verdict = told();
      if (kind === 'failed') return verdict;
      const unmeasured = state.metrics.filter(({ problem }) => problem !== null);
      return { ...verdict, reasons: [...verdict.reasons, ...unmeasured.map(notMeasured)] };
    }
    default:
      return unreachable(due);
  }
}

/** The kind of `verdictOf` without the figures and sentences, which cost more than judging does. */
export function verdictKindOf(state: AnalysisState, settings: AnalysisSettings): Verdict['kind'] {
  return judge(state, settings).kind;
}

interface Judgement {
  readonly kind: Verdict['kind'];
  /** What the kind follows from. */
  readonly due: 'problem' | 'shadow' | 'missing' | 'evidence';
  readonly decision: Decision;
  readonly safe: readonly SafetyEvidence[];
}

function judge(state: AnalysisState, settings: AnalysisSettings): Judgement {
  const { alpha, beta, promoteHarmLimit } = settings;
  const harm = harmEvidence(state, settings);
  const safe = safetyEvidence(state, settings);
  const amber = 1 / promoteHarmLimit;
  const decision = decide({ harm, safe, alpha, beta, amber, bakeOk: true, expired: false });
  const as = (kind: Verdict['kind'], due: Judgement['due']): Judgement => ({ kind, due, decision, safe });
  const shadowed = shadowLogE(state) >= -Math.log(alpha);
  if (state.problem !== null) return as('error', 'problem');
  if (decision.verdict === 'rollback' && !shadowed) return as('failed', 'evidence');
  if (missingOf(state).length > 0) return as('error', 'missing');
  if (shadowed) return as('inconclusive', 'shadow');
  return as(decision.verdict === 'promote' ? 'successful' : 'inconclusive', 'evidence');
}

/** What is required and cannot be measured never counts as good. */
function missingOf({ metrics }: AnalysisState): readonly MetricState[] {
  return metrics.filter(
    ({ test, problem, readings }) => test.required && (problem !== null || readings === 0),
  );
}

function notMeasured({ test, problem }: MetricState): string {
  return `${test.name} was not measured: ${problem ?? 'no answer came yet'}.`;
}

/** What is known of an uncompared candidate beside its totals. */
export interface Recorded {
  /** What it answered after it was warm. */
  readonly settled: ArmBatch;
  /** What stable answered before it had to go. */
  readonly before: ArmBatch;
  /** Its memory against its own at the beginning of the soak, and the like. */
  readonly metrics: readonly MetricState[];
  /** The test of the absolute limit over time: a long good time must not hide a new fault, as plain totals let it. */
  readonly errorLimit?: AnalysisState['errorLimit'];
}

/**
 * Judges a candidate beside which nothing runs, by absolute limits, what stable was recorded to be like, and its own growth.
 * @param candidate everything it has answered since it had traffic.
 */
export function absoluteVerdict(
  candidate: ArmBatch,
  settings: AnalysisSettings,
  recorded: Recorded = { settled: candidate, before: candidate, metrics: [] },
): Verdict {
  const { requests, bad } = candidate;
  const limit = settings.triggers.errorRate;
  const harm = absoluteHarm(candidate, settings, recorded);
  const logE = combineLogE(harm.map((part) => ({ ...part, logE: guarded(part) })));
  const threshold = -Math.log(settings.alpha);
  const interval = bernoulliInterval(Math.min(bad, requests), requests, settings.beta);
  const figures: AbsoluteFigures = { compared: false, requests, bad, interval, limit, logE, threshold };
  const failed = logE >= threshold;
  const safe = limit !== null && interval[1] < limit;
  const kind = failed ? 'failed' : safe ? 'successful' : 'inconclusive';
  const [worst] = [...harm].sort((a, b) => guarded(b) - guarded(a));
  const because = worst === undefined || worst.name === 'error rate limit' ? null : worst.name;
  return { kind, reasons: explainAbsolute(kind, figures, because), figures };
}

/** The weights leave most to errors: that is what users feel first. */
function absoluteHarm(
  candidate: ArmBatch,
  { triggers, guards }: AnalysisSettings,
  { settled, before, metrics, errorLimit }: Recorded,
): readonly HarmEvidence[] {
  const { errorRate: limit, latencyFactor } = triggers;
  const beyond = latencyFactor === null ? null : beyondOldP95(settled, before, latencyFactor);
  return [
    {
      name: 'error rate limit',
      weight: 0.7,
      logE:
        limit === null
          ? 0
          : errorLimit
            ? binaryLogE(errorLimit.process, 'harm')
            : limitLogE(candidate, limit),
      guardHolds: (errorLimit?.since.x ?? candidate.bad) >= guards.minBad,
    },
    {
      name: 'latency limit',
      weight: 0.2,
      logE: slowerThanOldLogE(settled, before, latencyFactor),
      guardHolds: (beyond?.bad ?? 0) >= guards.latencyMinBeyond,
    },
    ...metrics.map((metric) => ({
      name: metric.test.name,
      weight: 0.1 / metrics.length,
      logE: metricLogE(metric, 'harm'),
      guardHolds: true,
    })),
  ];
}

function shadowLogE({ shadow }: AnalysisState): number {
  return combineLogE(
    shadow.map((process) => ({ logE: binaryLogE(process, 'harm'), weight: 1 / shadow.length })),
  );
}
