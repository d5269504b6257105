import type { Alternative } from './alternatives.ts';
import { defaultOnset, type OnsetPrior, onsetWeight } from './onset.ts';

/** A mixture over alternatives and onsets. Plain JSON: `null` stands for the log of nothing. */
export interface MixtureState {
  /** Log capital of each alternative after the last batch. */
  readonly capital: readonly (number | null)[];
  /** Blocks begun so far. */
  readonly blocks: number;
  /** Prior mass of the blocks that have not begun. */
  readonly rest: number;
}

export function startMixture(alternatives: readonly Alternative[]): MixtureState {
  return { capital: alternatives.map(() => null), blocks: 0, rest: 1 };
}

export interface MixtureBatch {
  /** Log e-value of the batch under each alternative, in their order. */
  readonly logE: readonly number[];
  /** True for the first batch of a block: only then is prior mass added, so a short tick costs no power. */
  readonly beginsBlock: boolean;
  /** Overdispersion divisor; 1 unless slices are missing and routing is sticky. */
  readonly phi?: number;
  readonly onset?: OnsetPrior;
}

/** L_k ← logaddexp(L_k, ln v_j) + ℓ_k/φ */
export function observeMixture(state: MixtureState, batch: MixtureBatch): MixtureState {
  const { logE, beginsBlock, phi = 1, onset = defaultOnset } = batch;
  const blocks = state.blocks + (beginsBlock ? 1 : 0);
  const mass = beginsBlock ? onsetWeight(blocks, onset) : 0;
  const capital = state.capital.map((held, k) => {
    const grown = logAddExp(held ?? Number.NEGATIVE_INFINITY, Math.log(mass)) + (logE[k] ?? 0) / phi;
    return Number.isFinite(grown) ? grown : null;
  });
  return { capital, blocks, rest: state.rest - mass };
}

/** ln E = ln(rest + Σ w_k·e^{L_k}); 0 before the first batch. */
export function mixtureLogE({ capital, rest }: MixtureState, alternatives: readonly Alternative[]): number {
  return alternatives.reduce(
    (sum, { weight }, k) => logAddExp(sum, Math.log(weight) + (capital[k] ?? Number.NEGATIVE_INFINITY)),
    Math.log(Math.max(rest, 0)),
  );
}

/** ln(e^a + e^b) without overflow; either may be minus infinity. */
export function logAddExp(a: number, b: number): number {
  const high = Math.max(a, b);
  return high === Number.NEGATIVE_INFINITY ? high : high + Math.log1p(Math.exp(Math.min(a, b) - high));
}
