import { alternativesOf } from './binary-process.ts';
import { type MixtureState, mixtureLogE, observeMixture, startMixture } from './mixture.ts';
import type { OnsetPrior } from './onset.ts';
import { logERates, type RateBatch } from './rates.ts';

/** `up`: more is bad, null λ_c/λ_b ≤ r. `down`: fewer is bad, null λ_c/λ_b ≥ r. */
export interface RateConfig {
  readonly r: number;
  readonly direction: 'up' | 'down';
  readonly onset?: OnsetPrior;
}

/** One test of counts over time (K2). Plain JSON. */
export interface RateState {
  readonly mixture: MixtureState;
  readonly maxLogE: number;
}

const alternatives = alternativesOf('harm');

/** One for all: nothing changes it, and of a rollout's tests those that nobody asks stay at it. */
const start: RateState = { mixture: startMixture(alternatives), maxLogE: 0 };

export function startRate(): RateState {
  return start;
}

/** An empty arm says nothing about the ratio: its factor is one. */
export function observeRate(
  state: RateState,
  batch: RateBatch,
  beginsBlock: boolean,
  { r, direction, onset }: RateConfig,
): RateState {
  const logE = alternatives.map(({ omega }) => {
    const odds = omega ?? 1;
    return batch.u === 0 || batch.v === 0
      ? 0
      : logERates(batch, { r, rho: direction === 'up' ? r * odds : r / odds });
  });
  const mixture = observeMixture(state.mixture, { logE, beginsBlock, ...(onset && { onset }) });
  const next = { mixture, maxLogE: state.maxLogE };
  return { ...next, maxLogE: Math.max(state.maxLogE, rateLogE(next)) };
}

export function rateLogE({ mixture }: RateState): number {
  return mixtureLogE(mixture, alternatives);
}
