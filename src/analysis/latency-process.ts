import type { SparseHistogram } from '../base/counts.ts';
import {
  addBatches,
  alternativesOf,
  type Direction,
  emptyBatch,
  isIncomplete,
  logEByAlternative,
  observeFactors,
} from './binary-process.ts';
import { addHistograms, countOf, exceed, nearestEdge } from './histogram.ts';
import { type MixtureState, startMixture } from './mixture.ts';
import type { OnsetPrior } from './onset.ts';
import { clampRate, type TwoSampleBatch } from './two-sample.ts';

/** Latency at stable's u-quantile: a K1 test of "longer than the edge". */
export interface LatencyConfig {
  readonly u: number;
  readonly tolerance: number;
  readonly direction: Direction;
  /** Upper edges of the buckets, rising, ms. */
  readonly edges: readonly number[];
  readonly onset?: OnsetPrior;
  /** Divisor for the noise of instances, and the most that one block may add; see `LatencyNoise`. */
  readonly phi?: number;
  readonly growthLimit?: number;
}

/** Requests with a head, and clients that went away before it, of one arm. */
export interface ArmLatency {
  readonly latency: SparseHistogram;
  readonly abandoned: SparseHistogram;
}

/** Plain JSON. */
export interface LatencyState {
  readonly mixture: MixtureState;
  readonly maxLogE: number;
  readonly past: SparseHistogram;
  readonly carried: { readonly candidate: ArmLatency; readonly stable: ArmLatency };
  readonly blockPending: boolean;
  /** The edges of the last batch judged, and what it counted, for the guard; null before one. */
  readonly edges: LatencyEdges | null;
  readonly last: TwoSampleBatch;
}

/** Indices of the bucket edges beyond which a request is bad. */
export interface LatencyEdges {
  readonly stable: number;
  readonly candidate: number;
}

const nothing: ArmLatency = { latency: [], abandoned: [] };
const carriedNothing = { candidate: nothing, stable: nothing };

/** @param history stable requests from before; without any, the first batch only trains. */
export function startLatency(direction: Direction, history: SparseHistogram = []): LatencyState {
  return {
    mixture: startMixture(alternativesOf(direction)),
    maxLogE: 0,
    past: history,
    carried: carriedNothing,
    blockPending: false,
    edges: null,
    last: emptyBatch,
  };
}

/** Takes one batch in; the edges come from stable requests of earlier batches only. */
export function observeLatency(
  state: LatencyState,
  arrived: { readonly candidate: ArmLatency; readonly stable: ArmLatency },
  beginsBlock: boolean,
  config: LatencyConfig,
): LatencyState {
  const candidate = addArms(state.carried.candidate, arrived.candidate);
  const stable = addArms(state.carried.stable, arrived.stable);
  const blockPending = state.blockPending || beginsBlock;
  const idle = { ...state, blockPending, last: emptyBatch };
  if (countOf(state.past) === 0) {
    return { ...idle, past: learnt(state.carried.stable.latency, arrived.stable.latency) };
  }
  const edges = edgesOf(state.past, config);
  const batch = addBatches(
    judged(candidate, edges.candidate, 'candidate'),
    judged(stable, edges.stable, 'stable'),
  );
  if (isIncomplete(batch, 1)) return { ...idle, carried: { candidate, stable } };
  const logE = factors(state.past, edges, batch, config);
  return {
    ...observeFactors(state, logE, blockPending, config),
    past: learnt(state.past, stable.latency),
    carried: carriedNothing,
    blockPending: false,
    edges,
    last: batch,
  };
}

/** Learns from stable requests without judging the candidate, while it warms up; what waited for an arm is not judged either. */
export function trainLatency(state: LatencyState, stable: ArmLatency, beginsBlock = false): LatencyState {
  const seen = addHistograms(state.carried.stable.latency, stable.latency);
  const blockPending = state.blockPending || beginsBlock;
  return { ...state, past: learnt(state.past, seen), carried: carriedNothing, blockPending };
}

/** What was learnt last; see `learnt`. */
let latest: Record<'past' | 'seen' | 'sum', SparseHistogram> = { past: [], seen: [], sum: [] };

/** Every test of latency holds the same history and is shown the same batch: the first one adds, the others share the sum. */
function learnt(past: SparseHistogram, seen: SparseHistogram): SparseHistogram {
  if (latest.past !== past || latest.seen !== seen) latest = { past, seen, sum: addHistograms(past, seen) };
  return latest.sum;
}

/** Stable's edge, and the candidate's a tolerance beyond: for harm the first one, for safety the last one within. */
function edgesOf(
  past: SparseHistogram,
  { u, tolerance, direction, edges }: Pick<LatencyConfig, 'u' | 'tolerance' | 'direction' | 'edges'>,
): LatencyEdges {
  const stable = nearestEdge(past, u, edges.length);
  const limit = tolerance * (edges[stable] ?? 0);
  if (direction === 'safe') {
    const within = edges.findLastIndex((edge) => edge <= limit);
    return { stable, candidate: Math.max(within, stable) };
  }
  const beyond = edges.findIndex((edge) => edge >= limit);
  return { stable, candidate: beyond === -1 ? edges.length - 1 : beyond };
}

function factors(
  past: SparseHistogram,
  edges: LatencyEdges,
  batch: TwoSampleBatch,
  { direction }: LatencyConfig,
): readonly number[] {
  const share = (edge: number) => clampRate((exceed(past, edge) + 0.5) / (countOf(past) + 1));
  const rates = { pHat: share(edges.stable), equalRate: share(edges.candidate) };
  return logEByAlternative(batch, { r: 1, d: 0, direction, ...rates });
}

/** A client that went away after t waited longer than t: bad where t is beyond the edge, left out otherwise. */
function judged(arm: ArmLatency, edge: number, side: 'candidate' | 'stable'): TwoSampleBatch {
  const gone = exceed(arm.abandoned, edge);
  const total = countOf(arm.latency) + gone;
  const bad = exceed(arm.latency, edge) + gone;
  return side === 'candidate' ? { n: total, x: bad, m: 0, y: 0 } : { n: 0, x: 0, m: total, y: bad };
}

function addArms(a: ArmLatency, b: ArmLatency): ArmLatency {
  return {
    latency: addHistograms(a.latency, b.latency),
    abandoned: addHistograms(a.abandoned, b.abandoned),
  };
}
