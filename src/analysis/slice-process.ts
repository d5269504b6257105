import type { Alternative } from './alternatives.ts';
import { type MixtureState, mixtureLogE, observeMixture, startMixture } from './mixture.ts';
import type { OnsetPrior } from './onset.ts';
import { logESlices } from './slices.ts';

/** Bad requests of each slice in one batch. */
export interface SliceBatch {
  readonly candidate: readonly number[];
  readonly stable: readonly number[];
}

/** A tilt of the slice counts and its weight. */
export interface Tilt {
  readonly a: number;
  readonly weight: number;
}

export interface SliceConfig {
  readonly direction: 'harm' | 'safe';
  readonly tilts?: readonly Tilt[];
  /** Largest count of a slice in the capped half; by default from the past, see `capOf`. */
  readonly cap?: number;
  readonly onset?: OnsetPrior;
}

/** One test of slices over time (K3). Plain JSON. */
export interface SliceState {
  readonly mixture: MixtureState;
  readonly maxLogE: number;
  /** How many past stable slices had each count, in rising order of count. */
  readonly past: readonly (readonly [count: number, slices: number])[];
}

const defaultTilts: readonly Tilt[] = [
  { a: 1.1, weight: 0.1 },
  { a: 1.25, weight: 0.15 },
  { a: 1.5, weight: 0.2 },
  { a: 2, weight: 0.2 },
  { a: 3, weight: 0.15 },
  { a: 5, weight: 0.1 },
  { a: 10, weight: 0.1 },
];
/** Fewer slices than this say too little about how slices differ. */
export const minSlices = 20;
const leastCap = 3;
const capQuantile = 0.9;

export function startSlices(tilts: readonly Tilt[] = defaultTilts): SliceState {
  return { mixture: startMixture(halves(tilts)), maxLogE: 0, past: [] };
}

/** Each tilt is tried on raw counts and on capped ones, because one noisy user must not hide or make a difference. */
export function observeSlices(
  state: SliceState,
  { candidate, stable }: SliceBatch,
  beginsBlock: boolean,
  { direction, tilts = defaultTilts, cap = capOf(state.past), onset }: SliceConfig,
): SliceState {
  const capped = (counts: readonly number[]) => counts.map((count) => Math.min(count, cap));
  const enough = candidate.length + stable.length >= minSlices;
  const factor = (c: readonly number[], s: readonly number[]) =>
    tilts.map(({ a }) => (enough ? logESlices(c, s, direction === 'harm' ? a : 1 / a) : 0));
  const logE = [...factor(capped(candidate), capped(stable)), ...factor(candidate, stable)];
  const mixture = observeMixture(state.mixture, { logE, beginsBlock, ...(onset && { onset }) });
  const maxLogE = Math.max(state.maxLogE, sliceLogE({ mixture }, tilts));
  return { mixture, maxLogE, past: remember(state.past, stable) };
}

export function sliceLogE(
  { mixture }: { readonly mixture: MixtureState },
  tilts: readonly Tilt[] = defaultTilts,
): number {
  return mixtureLogE(mixture, halves(tilts));
}

/** The nearest-rank 90 % quantile of past stable slices, at least 3. */
function capOf(past: SliceState['past']): number {
  const rank = Math.ceil(capQuantile * past.reduce((sum, [, slices]) => sum + slices, 0));
  let seen = 0;
  for (const [count, slices] of past) {
    seen += slices;
    if (seen >= rank) return Math.max(leastCap, count);
  }
  return leastCap;
}

function remember(past: SliceState['past'], stable: readonly number[]): SliceState['past'] {
  const counts = new Map(past);
  for (const count of stable) counts.set(count, (counts.get(count) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => a - b);
}

function halves(tilts: readonly Tilt[]): readonly Alternative[] {
  const half = tilts.map(({ a, weight }) => ({ omega: a, weight: weight / 2 }));
  return [...half, ...half];
}
