import { metricLevel, metricLogE } from '../analysis/metric-process.ts';
import { formatDuration } from '../base/duration.ts';
import { hasEnded } from '../base/instance-status.ts';
import { mirrors, verdictOnCopies } from '../rollout/mirrored.ts';
import type { PlanStep } from '../rollout/plan.ts';
import { clip } from './markdown.ts';
import { eValue, latencyText, number, percent, quantileMs, rateText } from './numbers.ts';
import type { ReplayedEvidence } from './replayed-evidence.ts';
import type { RolloutStory, ToldEvent } from './rollout-story.ts';
import { span } from './told-time.ts';

export type CheckStatus = 'PASS' | 'FAIL' | 'NOT MEASURED';

/** One thing that was expected, and what came. Texts are plain, not markdown. */
export interface Check {
  readonly about: 'health' | 'stability' | 'performance' | 'way-back' | 'other';
  readonly check: string;
  readonly expected: string;
  readonly actual: string;
  readonly status: CheckStatus;
}

/** Fewer requests than this say nothing about a 95 % quantile. */
const fewestForLatency = 20;

/** Everything that was checked of a rollout, in the order of its phases. */
export function checksOf(story: RolloutStory, replayed: ReplayedEvidence | null): readonly Check[] {
  if (story.plan === null) return [];
  return [
    healthCheck(story),
    ...commandChecks(story),
    ...mirrorChecks(story, replayed),
    ...errorChecks(story, replayed),
    ...harmChecks(replayed),
    latencyCheck(story, replayed),
    ...metricChecks(story, replayed),
    ...soakChecks(story),
    ...restorationChecks(story),
  ];
}

function healthCheck({ plan, events, rollout, reason }: RolloutStory): Check {
  const asked = events.flatMap((event) =>
    event.type === 'InstancesRequested' && event.rollout === rollout ? event.instances : [],
  );
  const seen = events.flatMap((event) =>
    event.type === 'InstanceObserved' && asked.includes(event.instance) ? [event] : [],
  );
  const ready = new Set(seen.filter(({ status }) => status === 'ready').map(({ instance }) => instance));
  const lost = seen.find(({ status }) => hasEnded(status));
  const sick = reason?.code === 'health-failed' ? reason.message : null;
  const trouble =
    sick ?? (lost === undefined ? null : `${lost.instance} ${lost.status}: ${lost.reason ?? ''}`);
  const path = plan?.release.run.health.path ?? '';
  const all = asked.length > 0 && ready.size === asked.length;
  const actual = `${ready.size} of ${asked.length} became ready${trouble === null ? '' : `; ${clip(trouble, 160)}`}`;
  return {
    about: 'health',
    check: `Health endpoint ${path}`,
    expected:
      asked.length === 0 ? 'every instance ready' : `200 from ${asked.length} of ${asked.length} instances`,
    actual: asked.length === 0 ? 'no instance was started' : actual,
    // One that was still starting when the rollout ended says nothing.
    status: trouble !== null ? 'FAIL' : all ? 'PASS' : 'NOT MEASURED',
  };
}

/** Smoke tests, integrity checks, migrations and the user's own steps, each with how it ended. */
function commandChecks(story: RolloutStory): readonly Check[] {
  const steps = stepsWithPhase(story);
  return steps.flatMap(({ step, back, event }): Check[] => {
    if (step?.type !== 'command' || event.type !== 'CommandFinished') return [];
    const said = clip(event.output, 120);
    const ended = event.ok ? `exit code 0 after ${span(event.durationMs)}` : `${said || 'failed'}`;
    return [
      {
        about: back ? 'way-back' : 'health',
        check: step.label,
        expected: 'exit code 0',
        actual: ended,
        status: event.ok ? 'PASS' : 'FAIL',
      },
    ];
  });
}

function mirrorChecks({ plan }: RolloutStory, replayed: ReplayedEvidence | null): readonly Check[] {
  if (plan === null || !mirrors(plan)) return [];
  const { kind, figures } = verdictOnCopies(replayed?.evidence ?? {}, plan);
  const measured = figures.candidate.requests > 0;
  return [
    {
      about: 'stability',
      check: 'Copies of requests, before users',
      expected: `e-value below ${eValue(figures.threshold)}`,
      actual: measured
        ? `${eValue(figures.logE)}; copies ${rateText(figures.candidate)}; stable ${rateText(figures.stable)}`
        : 'no copy was answered',
      status: !measured ? 'NOT MEASURED' : kind === 'failed' ? 'FAIL' : 'PASS',
    },
  ];
}

function errorChecks({ plan }: RolloutStory, replayed: ReplayedEvidence | null): readonly Check[] {
  const limit = plan?.analysis.triggers.errorRate ?? null;
  const expected = limit === null ? 'no limit is set' : `at most ${percent(limit)}`;
  const base = { about: 'stability', check: 'Error rate', expected } as const;
  if (replayed === null || replayed.evidence.candidate.requests === 0) {
    return [{ ...base, actual: 'no requests', status: 'NOT MEASURED' }];
  }
  const { figures } = replayed.verdict;
  const candidate = figures.compared ? figures.candidate : figures;
  const actual = rateText(candidate);
  if (limit === null) return [{ ...base, actual, status: 'NOT MEASURED' }];
  return [{ ...base, actual, status: candidate.bad <= limit * candidate.requests ? 'PASS' : 'FAIL' }];
}

/** Everything that was measured, weighed together: beside stable, or against the absolute limits where it was alone. */
function harmChecks(replayed: ReplayedEvidence | null): readonly Check[] {
  if (replayed === null) return [];
  const { figures, kind } = replayed.verdict;
  const { logE, threshold } = figures.compared ? figures.harm : figures;
  const measured = replayed.evidence.candidate.requests > 0 && kind !== 'error';
  const beside = figures.compared ? `; stable ${rateText(figures.stable)}` : '';
  return [
    {
      about: 'stability',
      check: figures.compared ? 'Evidence that it is worse than stable' : 'Evidence that it is bad',
      expected: `e-value below ${eValue(threshold)}`,
      actual: `${eValue(logE)}${beside}`,
      status: !measured ? 'NOT MEASURED' : kind === 'failed' ? 'FAIL' : 'PASS',
    },
  ];
}

/** CPU, memory and business figures. One that could not be measured is told, and counts only where it is required. */
function metricChecks({ plan }: RolloutStory, replayed: ReplayedEvidence | null): readonly Check[] {
  const threshold = -Math.log(plan?.analysis.alpha ?? 1);
  return (replayed?.evidence.analysis.metrics ?? []).map((metric): Check => {
    const { test, readings, problem } = metric;
    const [candidate, stable] = (['candidate', 'stable'] as const).map(
      (arm) => metricLevel(metric, arm) ?? 0,
    );
    const known = readings > 0 && problem === null;
    const failed = known && metricLogE(metric, 'harm') >= threshold;
    const levels = `${number(candidate ?? 0)}, stable ${number(stable ?? 0)}, in ${readings} readings`;
    return {
      about: known || test.required ? 'stability' : 'other',
      check: test.name.charAt(0).toUpperCase() + test.name.slice(1),
      expected: `no evidence that it is ${test.direction === 'more-is-bad' ? 'above' : 'below'} stable's`,
      actual: problem !== null ? problem : readings === 0 ? 'no readings' : levels,
      status: !known ? 'NOT MEASURED' : failed ? 'FAIL' : 'PASS',
    };
  });
}

function latencyCheck({ plan }: RolloutStory, replayed: ReplayedEvidence | null): Check {
  const factor = plan?.analysis.triggers.latencyFactor ?? null;
  const evidence = replayed?.evidence;
  const settled = (evidence?.settled.requests ?? 0) >= fewestForLatency;
  const [candidate, stable] = [settled ? evidence?.settled : evidence?.candidate, evidence?.stable];
  const own = candidate === undefined ? null : quantileMs(candidate, 0.95);
  const usual = stable === undefined ? null : quantileMs(stable, 0.95);
  const enough =
    (candidate?.requests ?? 0) >= fewestForLatency && (stable?.requests ?? 0) >= fewestForLatency;
  const known = enough && factor !== null && own !== null && usual !== null;
  const least = plan?.analysis.guards.latencyMinMs ?? 0;
  const holds = known && (own <= factor * usual || own - usual <= least);
  const expected =
    factor === null
      ? 'no limit is set'
      : usual === null
        ? `at most ${factor} × stable's`
        : `at most ${factor} × stable's ${latencyText(usual)}`;
  return {
    about: 'performance',
    check: 'P95 latency',
    expected,
    actual: own === null || enough ? latencyText(own) : `${latencyText(own)}, of too few requests to compare`,
    status: !known ? 'NOT MEASURED' : holds ? 'PASS' : 'FAIL',
  };
}

function soakChecks(story: RolloutStory): readonly Check[] {
  const soak = story.plan?.steps.findLast((step) => step.type === 'soak');
  if (soak?.type !== 'soak') return [];
  const own = stepsWithPhase(story).flatMap(({ event, step }) => (step === soak ? [event] : []));
  const ended = own.find((event) => event.type === 'StepCompleted');
  const began = own.some(({ type }) => type === 'StepStarted');
  return [
    {
      about: 'stability',
      check: 'Soak',
      expected: `${formatDuration(soak.durationMs)} without a trigger`,
      actual: ended !== undefined ? clip(ended.how, 120) : began ? 'broken off' : 'not reached',
      status: ended !== undefined ? 'PASS' : began && story.ending !== null ? 'FAIL' : 'NOT MEASURED',
    },
  ];
}

function restorationChecks({ plan, events }: RolloutStory): readonly Check[] {
  const within = formatDuration(plan?.restoreWithinMs ?? 0);
  return events.flatMap((event): Check[] => {
    if (event.type !== 'RestorationVerified' && event.type !== 'StableVerified') return [];
    const restored = event.type === 'RestorationVerified';
    return [
      {
        about: restored ? 'way-back' : 'health',
        check: restored ? 'Restored to the old level' : 'Stable on the new schema',
        expected: `health, error rate and latency as before within ${within}`,
        actual: event.observed,
        status: event.holds ? 'PASS' : 'FAIL',
      },
    ];
  });
}

/** Each event with the step that its index names: of the way back, once going back began. */
export function stepsWithPhase({ plan, events }: Pick<RolloutStory, 'plan' | 'events'>): readonly {
  readonly event: ToldEvent;
  readonly step: PlanStep | null;
  readonly back: boolean;
}[] {
  const begin = events.findIndex(({ type }) => type === 'GoingBackStarted');
  return events.map((event, position) => {
    const back = begin !== -1 && position > begin;
    const index = 'index' in event ? event.index : null;
    const step = index === null ? null : ((back ? plan?.backSteps : plan?.steps)?.[index] ?? null);
    return { event, step, back };
  });
}
