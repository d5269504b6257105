import {
  type AnalysisState,
  absoluteVerdict,
  observeBatch,
  restartSafety,
  startAnalysis,
  type Verdict,
  verdictKindOf,
  verdictOf,
} from '../analysis/analysis.ts';
import type { ArmBatch, Batch, SlotBatch } from '../analysis/batch.ts';
import type { MetricReading } from '../analysis/metric-process.ts';
import type { AnalysisSettings } from '../analysis/settings.ts';
import { sumHistograms } from './histogram-sums.ts';
import { isNothing, type MirrorBatch, noCopies, sumMirrors } from './mirror-sums.ts';
import { type Mirrored, observeCopies } from './mirrored.ts';
import { isCompared, type RolloutPlan } from './plan.ts';
import { sumSlots } from './slot-sums.ts';
import { type FirstRequests, seeFirstRequests, withoutCold } from './warm-up.ts';

/** What one instance did between two readings. */
export interface InstanceBatch extends ArmBatch {
  readonly instance: string;
  readonly arm: 'candidate' | 'stable';
  /** How often it has been restarted; left out for never. */
  readonly restarts?: number;
}

/** What was measured between two readings of the router, as it is kept in the journal. */
export interface EvidenceBatch {
  /** Wall clock of the router at the reading. */
  readonly atMs: number;
  /** The router's epoch: in a new one its counts began at zero. */
  readonly epoch: string;
  /** The first reading of a rollout: only says where the counts stood. */
  readonly baseline: boolean;
  readonly instances: readonly InstanceBatch[];
  /** By hash slot of the user, where users are kept on one side. */
  readonly slots?: readonly SlotBatch[];
  /** Measured beside the requests since the last batch. */
  readonly metrics?: readonly MetricReading[];
  /** Of copies of requests; left out: none were made. */
  readonly mirror?: MirrorBatch;
}

/** All that has been measured of a rollout; the fold of its batches. */
export interface Evidence {
  readonly analysis: AnalysisState;
  readonly candidate: ArmBatch;
  readonly stable: ArmBatch;
  /** Of `candidate`, what it answered after it was warm. */
  readonly settled: ArmBatch;
  /** Of `stable`, what it answered before the candidate had its first request. */
  readonly before: ArmBatch;
  /** Where the router's cumulative counts stood at the last batch; null before the first. */
  readonly cursor: Cursor | null;
  readonly firstRequests: FirstRequests;
  /** Left out before the first copy. */
  readonly mirror?: Mirrored;
}

export interface Cursor {
  readonly epoch: string;
  readonly instances: Readonly<Record<string, ArmBatch>>;
  readonly slots: readonly SlotBatch[];
  readonly mirror?: MirrorBatch;
}

export const nothing: ArmBatch = { requests: 0, bad: 0, clientErrors: 0, latency: [], abandoned: [] };

export function startEvidence(settings: AnalysisSettings): Evidence {
  const analysis = startAnalysis(settings);
  const none = { candidate: nothing, stable: nothing, settled: nothing, before: nothing };
  return { analysis, ...none, cursor: null, firstRequests: {} };
}

/** What each batch that still lives came to; see `foldBatch`. */
const folded = new WeakMap<
  EvidenceBatch,
  { readonly evidence: Evidence; readonly settings: AnalysisSettings; readonly next: Evidence }
>();

/**
 * Takes one batch in. Replaying the same batches gives the same evidence, bit for bit. A batch is met where it is weighed,
 * where what follows from it is told, and where the journal has acknowledged it: the work is done at the first of them.
 */
export function foldBatch(evidence: Evidence, batch: EvidenceBatch, settings: AnalysisSettings): Evidence {
  const known = folded.get(batch);
  if (known?.evidence === evidence && known.settings === settings) return known.next;
  const next = takeIn(evidence, batch, settings);
  folded.set(batch, { evidence, settings, next });
  return next;
}

function takeIn(evidence: Evidence, batch: EvidenceBatch, settings: AnalysisSettings): Evidence {
  const cursor = movedCursor(evidence.cursor, batch);
  const firstRequests = seeFirstRequests(evidence.firstRequests, batch);
  const copies = copiesOf(evidence, batch, settings);
  if (batch.baseline) return { ...evidence, ...copies, cursor, firstRequests };
  const whole = asBatch(batch);
  const { candidate, stable } = whole;
  const instances = withoutCold(batch, firstRequests, settings.warmupMs);
  const judged = instances === batch.instances ? whole : asBatch({ ...batch, instances });
  const analysis = observeBatch(evidence.analysis, judged, settings);
  const met = evidence.candidate.requests + candidate.requests > 0;
  const warm = batch.atMs - (analysis.startedAt ?? batch.atMs) >= settings.warmupMs;
  return {
    analysis,
    candidate: sum([evidence.candidate, candidate]),
    stable: sum([evidence.stable, stable]),
    settled: met && warm ? sum([evidence.settled, candidate]) : evidence.settled,
    before: met ? evidence.before : sum([evidence.before, stable]),
    cursor,
    firstRequests,
    ...copies,
  };
}

function copiesOf(
  { mirror: held, analysis }: Evidence,
  { atMs, mirror }: EvidenceBatch,
  settings: AnalysisSettings,
): Pick<Evidence, 'mirror'> {
  if (mirror === undefined) return held === undefined ? {} : { mirror: held };
  const { pastBad: bad, pastTotal: total } = analysis.errors.process;
  return { mirror: observeCopies(held, { atMs, mirror }, { settings, past: { bad, total } }) };
}

/** Each `analyze` step asks for safety anew; evidence of harm goes on. */
export function askSafetyAnew(evidence: Evidence): Evidence {
  return { ...evidence, analysis: restartSafety(evidence.analysis) };
}

/** What the evidence comes to: against stable where it serves beside the candidate, else against the absolute limits. */
export function verdictOn(
  evidence: Evidence,
  plan: Pick<RolloutPlan, 'strategy' | 'previous' | 'kind' | 'analysis'>,
): Verdict {
  return isCompared(plan)
    ? verdictOf(evidence.analysis, plan.analysis)
    : absoluteVerdict(evidence.candidate, plan.analysis, {
        settled: evidence.settled,
        before: evidence.before,
        metrics: evidence.analysis.metrics,
        errorLimit: evidence.analysis.errorLimit,
      });
}

/** The kind of `verdictOn`, for whoever needs no words for it. */
export function verdictKindOn(evidence: Evidence, plan: Parameters<typeof verdictOn>[1]): Verdict['kind'] {
  return isCompared(plan) ? verdictKindOf(evidence.analysis, plan.analysis) : verdictOn(evidence, plan).kind;
}

function asBatch({ atMs, instances, slots, metrics }: EvidenceBatch): Batch {
  const stableInstances = instances.filter(({ arm }) => arm === 'stable');
  const candidates = instances.filter(({ arm }) => arm === 'candidate');
  return {
    atMs,
    candidate: sum(candidates),
    candidateInstances: candidates.filter(({ latency }) => latency.length > 0).length,
    stable: sum(stableInstances),
    stableInstances,
    ...(slots && { slots }),
    ...(metrics && { metrics }),
  };
}

function movedCursor(
  cursor: Cursor | null,
  { epoch, instances, slots = [], mirror = noCopies }: EvidenceBatch,
): Cursor {
  const same = cursor?.epoch === epoch;
  const copies = sumMirrors((same && cursor.mirror) || noCopies, mirror, 1);
  const before = same ? cursor.instances : {};
  const moved = { ...before };
  for (const one of instances) moved[one.instance] = sum([before[one.instance] ?? nothing, one]);
  return {
    epoch,
    instances: moved,
    slots: sumSlots(same ? cursor.slots : [], slots, 1),
    ...(!isNothing(copies) && { mirror: copies }),
  };
}

/** What several did altogether. */
export function sum(arms: readonly ArmBatch[]): ArmBatch {
  return arms.reduce(
    (total, arm) => ({
      requests: total.requests + arm.requests,
      bad: total.bad + arm.bad,
      clientErrors: total.clientErrors + arm.clientErrors,
      ...shieldedOf((total.shielded ?? 0) + (arm.shielded ?? 0)),
      latency: sumHistograms(total.latency, arm.latency, 1),
      abandoned: sumHistograms(total.abandoned, arm.abandoned, 1),
    }),
    nothing,
  );
}

/** `now` minus `before`. */
export function difference(now: ArmBatch, before: ArmBatch): ArmBatch {
  return {
    requests: now.requests - before.requests,
    bad: now.bad - before.bad,
    clientErrors: now.clientErrors - before.clientErrors,
    ...shieldedOf((now.shielded ?? 0) - (before.shielded ?? 0)),
    latency: sumHistograms(now.latency, before.latency, -1),
    abandoned: sumHistograms(now.abandoned, before.abandoned, -1),
  };
}

/** Left out for none, so that what was recorded before there was a shield still folds to the same. */
function shieldedOf(shielded: number): { readonly shielded?: number } {
  return shielded === 0 ? {} : { shielded };
}
