import type { SparseHistogram } from '../base/counts.ts';
import { countOf, exceed } from './histogram.ts';

/**
 * How much more the share of slow requests differs between instances of stable, and from one moment to the next, than
 * chance alone would make it: a pause, a neighbour or a cold cache slows many requests of one instance at once. Learnt
 * over windows of several lengths, because such noise lasts from a moment to minutes. Plain JSON.
 */
export interface LatencyNoise {
  readonly windows: readonly NoiseWindow[];
}

interface NoiseWindow {
  /** Length in blocks. */
  readonly blocks: number;
  /** Number of the open window, and slow and all requests of each instance in it. */
  readonly index: number | null;
  readonly open: Units;
  /** Slow and all requests of the windows before, for where there is one instance only. */
  readonly before: Unit;
  /** Closed windows: Σχ² beyond its degrees of freedom, by how much a full correlation would raise it, and Σ of those degrees. */
  readonly excess: number;
  readonly weight: number;
  readonly freedom: number;
}

type Units = Readonly<Record<string, Unit>>;

interface Unit {
  readonly m: number;
  readonly y: number;
}

const none: Unit = { m: 0, y: 0 };
const windowBlocks: readonly number[] = [1, 4, 12];
/** Fewer degrees of freedom say nothing yet; and few ones may have met a quiet time, so that ρ is taken to be higher. */
const leastFreedom = 3;
const caution = 8;
/** What a candidate is compared with is as noisy as it is. */
const bothArms = 2;

export function startNoise(): LatencyNoise {
  const nothing = { index: null, open: {}, before: none, excess: 0, weight: 0, freedom: 0 };
  return { windows: windowBlocks.map((blocks) => ({ blocks, ...nothing })) };
}

/** @param block number of the block that the batch belongs to, counted from any moment. */
export function observeNoise(
  noise: LatencyNoise,
  instances: readonly { readonly instance: string; readonly latency: SparseHistogram }[],
  { block, edge }: { readonly block: number; readonly edge: number },
): LatencyNoise {
  const units = instances
    .map(({ instance, latency }) => ({ instance, m: countOf(latency), y: exceed(latency, edge) }))
    .filter(({ m }) => m > 0);
  const windows = noise.windows.map((window) => {
    const index = Math.floor(block / window.blocks);
    const current = window.index === null || index <= window.index ? window : close(window);
    return { ...current, index: Math.max(index, window.index ?? index), open: addUnits(current.open, units) };
  });
  return { windows };
}

/**
 * The divisor φ ≥ 1 of the log evidence of an instance with so many requests a block: what a correlation ρ of its requests
 * adds to the variance of their sum, 1 + ρ·(requests − 1), at the length where it is greatest.
 */
export function noiseDivisor({ windows }: LatencyNoise, requestsPerBlock: number): number {
  let [divisor, rho] = [1, 0];
  for (const { blocks, excess, weight, freedom } of windows) {
    // What long windows are not known to be like yet is taken to last half as long as they do.
    const known = freedom >= leastFreedom && weight > 0;
    rho = known ? Math.max(0, excess / weight) * (bothArms + caution / freedom) : rho / 2;
    divisor = Math.max(divisor, 1 + rho * Math.max(0, blocks * requestsPerBlock - 1));
  }
  return divisor;
}

function close(window: NoiseWindow): NoiseWindow {
  const units = Object.values(window.open).filter(({ m }) => m > 0);
  const all = units.reduce(addUnit, none);
  const found = units.length > 1 ? excessOf(units) : excessOf([all, window.before], 0.5);
  return {
    ...window,
    open: {},
    before: addUnit(window.before, all),
    excess: window.excess + found.excess,
    weight: window.weight + found.weight,
    freedom: window.freedom + found.freedom,
  };
}

/**
 * χ² of equal shares beyond its degrees of freedom, and by how much a full correlation would raise it. One instance is
 * compared with its own past, which has hardly any noise left, so that only half of that is to be expected.
 */
function excessOf(units: readonly Unit[], noisy = 1): Pick<NoiseWindow, 'excess' | 'weight' | 'freedom'> {
  const total = units.reduce((sum, { m }) => sum + m, 0);
  const rate = units.reduce((sum, { y }) => sum + y, 0) / total;
  const variance = rate * (1 - rate);
  if (units.some(({ m }) => m === 0) || !(variance > 0)) return { excess: 0, weight: 0, freedom: 0 };
  const chiSquare = units.reduce((sum, { m, y }) => sum + (m * (y / m - rate) ** 2) / variance, 0);
  const squares = units.reduce((sum, { m }) => sum + m * m, 0);
  const freedom = units.length - 1;
  const weight = Math.max(0, noisy * (total - squares / total) - freedom);
  return { excess: chiSquare - freedom, weight, freedom };
}

function addUnits(held: Units, units: readonly (Unit & { readonly instance: string })[]): Units {
  if (units.length === 0) return held;
  const moved = { ...held };
  for (const unit of units) moved[unit.instance] = addUnit(held[unit.instance] ?? none, unit);
  return moved;
}

function addUnit(a: Unit, b: Unit): Unit {
  return { m: a.m + b.m, y: a.y + b.y };
}
