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
  /** Of the present block, where its growth is limited: the log capital that it began with, and how much was added. */
  readonly block?: { readonly start: readonly (number | null)[]; readonly growth: readonly number[] };
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
  /** The most that one block may add to the log capital of an alternative; by default any amount. */
  readonly growthLimit?: number;
}

/** L_k ← logaddexp(L_k, ln v_j) + ℓ_k/φ */
export function observeMixture(state: MixtureState, batch: MixtureBatch): MixtureState {
  const { logE, beginsBlock, phi = 1, onset = defaultOnset, growthLimit } = batch;
  const blocks = state.blocks + (beginsBlock ? 1 : 0);
  const mass = beginsBlock ? onsetWeight(blocks, onset) : 0;
  const rest = state.rest - mass;
  const added = (k: number) => (logE[k] ?? 0) / phi;
  const prior = Math.log(mass);
  const count = state.capital.length;
  const held = state.blocks === 0 ? null : state.capital;
  const withPrior = (k: number) => logAddExp(held?.[k] ?? Number.NEGATIVE_INFINITY, prior);
  if (growthLimit === undefined) {
    const capital = logs(count, (k) => withPrior(k) + added(k));
    return { capital, blocks, rest };
  }
  const present = beginsBlock ? undefined : state.block;
  const start = present?.start ?? logs(count, withPrior);
  const growth = numbers(count, (k) => (present?.growth[k] ?? 0) + added(k));
  // The lesser of a fair game's capital and a constant is no better than fair, so the bound holds with the limit too.
  const capital = logs(
    count,
    (k) => (start[k] ?? Number.NEGATIVE_INFINITY) + Math.min(growth[k] ?? 0, growthLimit),
  );
  return { capital, blocks, rest, block: { start, growth } };
}

/** `null` for each log of nothing. */
function logs(count: number, logAt: (k: number) => number): readonly (number | null)[] {
  const all = numbers(count, logAt);
  return all.every(Number.isFinite) ? all : all.map((log) => (Number.isFinite(log) ? log : null));
}

/**
 * Made, and read above, where nothing but numbers ever comes: V8 then keeps them without a box for each, in a third of the
 * room. A thousand rollouts have two hundred thousand of them.
 */
function numbers(count: number, at: (k: number) => number): readonly number[] {
  const all = new Array<number>(count);
  for (let k = 0; k < count; k += 1) all[k] = at(k);
  return all;
}

/** ln E = ln(rest + Σ w_k·e^{L_k}); 0 before the first batch. */
export function mixtureLogE(
  { capital, rest, blocks }: MixtureState,
  alternatives: readonly Alternative[],
): number {
  if (blocks === 0) return Math.log(Math.max(rest, 0));
  return alternatives.reduce(
    (sum, { weight }, k) => logAddExp(sum, Math.log(weight) + (capital[k] ?? Number.NEGATIVE_INFINITY)),
    Math.log(Math.max(rest, 0)),
  );
}

/** ln(e^a + e^b) without overflow; either may be minus infinity. */
export function logAddExp(a: number, b: number): number {
  const high = Math.max(a, b);
  const low = Math.min(a, b);
  // Nothing is added by most batches: prior mass comes once a block.
  return low === Number.NEGATIVE_INFINITY ? high : high + Math.log1p(Math.exp(low - high));
}
