import { type Alternative, harmAlternatives, safeAlternatives } from './alternatives.ts';
import { type MixtureState, mixtureLogE, observeMixture, startMixture } from './mixture.ts';
import { defaultOnset, type OnsetPrior } from './onset.ts';
import { clampRate, logEAt, type TwoSampleBatch } from './two-sample.ts';

export type Direction = 'harm' | 'safe';

/** One test of bad requests over time: K1 under every alternative and onset. */
export interface BinaryConfig {
  /** Null line p_c ≤ r·p_b + d for harm, ≥ for safe. */
  readonly r: number;
  readonly d: number;
  readonly direction: Direction;
  /** Overdispersion divisor, default 1. */
  readonly phi?: number;
  readonly onset?: OnsetPrior;
}

/** Plain JSON. */
export interface BinaryState {
  readonly mixture: MixtureState;
  readonly maxLogE: number;
  /** Past bad stable requests, and past stable requests, both with the pseudo-counts of the prior. */
  readonly pastBad: number;
  readonly pastTotal: number;
  /** What was carried forward because an arm was empty. */
  readonly carried: TwoSampleBatch;
  readonly blockPending: boolean;
}

export const emptyBatch: TwoSampleBatch = { n: 0, x: 0, m: 0, y: 0 };
const harm = harmAlternatives();
const safe = safeAlternatives();

export function alternativesOf(direction: Direction): readonly Alternative[] {
  return direction === 'harm' ? harm : safe;
}

/** @param prior bad and all stable requests known from before, default half a bad one of 100. */
export function startBinary(direction: Direction, prior = { bad: 0.5, total: 100 }): BinaryState {
  return {
    mixture: startMixture(alternativesOf(direction)),
    maxLogE: 0,
    pastBad: prior.bad,
    pastTotal: prior.total,
    carried: emptyBatch,
    blockPending: false,
  };
}

/** Takes one batch in. The stable rate that it is judged by is that of earlier batches only. */
export function observeBinary(
  state: BinaryState,
  arrived: TwoSampleBatch,
  beginsBlock: boolean,
  config: BinaryConfig,
): BinaryState {
  const batch = addBatches(state.carried, arrived);
  const blockPending = state.blockPending || beginsBlock;
  if (isIncomplete(batch, config.r)) return { ...state, carried: batch, blockPending };
  const pHat = clampRate(state.pastBad / state.pastTotal);
  const logE = logEByAlternative(batch, { ...config, pHat, equalRate: pHat });
  const next = observeFactors(state, logE, blockPending, config);
  return {
    ...state,
    ...next,
    pastBad: state.pastBad + batch.y,
    pastTotal: state.pastTotal + batch.m,
    carried: emptyBatch,
    blockPending: false,
  };
}

/** ln E after the last batch. */
export function binaryLogE(state: { readonly mixture: MixtureState }, direction: Direction): number {
  return mixtureLogE(state.mixture, alternativesOf(direction));
}

/** A comparison needs both arms, an absolute limit only the candidate. */
export function isIncomplete({ n, m }: TwoSampleBatch, r: number): boolean {
  return n === 0 || (r !== 0 && m === 0);
}

export function addBatches(a: TwoSampleBatch, b: TwoSampleBatch): TwoSampleBatch {
  return { n: a.n + b.n, x: a.x + b.x, m: a.m + b.m, y: a.y + b.y };
}

/** Log e-value of a batch under each alternative of the direction; `equalRate` is q of "equals stable". */
export function logEByAlternative(
  batch: TwoSampleBatch,
  test: {
    readonly r: number;
    readonly d: number;
    readonly direction: Direction;
    readonly pHat: number;
    readonly equalRate: number;
  },
): readonly number[] {
  const { r, d, direction, pHat, equalRate } = test;
  const kappa = clampRate(r * pHat + d);
  return alternativesOf(direction).map(({ omega }) => {
    const q = omega === null ? equalRate : (omega * kappa) / (1 + (omega - 1) * kappa);
    return logEAt(batch, test, q);
  });
}

/** Adds the factors of one batch to the capital. */
export function observeFactors(
  state: { readonly mixture: MixtureState; readonly maxLogE: number },
  logE: readonly number[],
  beginsBlock: boolean,
  {
    direction,
    phi = 1,
    onset = defaultOnset,
    growthLimit,
  }: {
    readonly direction: Direction;
    readonly phi?: number;
    readonly onset?: OnsetPrior;
    readonly growthLimit?: number;
  },
): { readonly mixture: MixtureState; readonly maxLogE: number } {
  const limit = growthLimit !== undefined && { growthLimit };
  const mixture = observeMixture(state.mixture, { logE, beginsBlock, phi, onset, ...limit });
  return { mixture, maxLogE: Math.max(state.maxLogE, binaryLogE({ mixture }, direction)) };
}
