import type { ArmBatch } from '../analysis/batch.ts';

/** What was measured of each instance between two readings, as far as warming up goes. */
interface Measured<One extends Warming> {
  readonly atMs: number;
  readonly instances: readonly One[];
}

interface Warming extends ArmBatch {
  readonly instance: string;
  readonly restarts?: number;
}

/**
 * When each process of an instance had its first requests, ms of the router's wall clock; null where that was before the
 * rollout. A restarted instance is a new process, with its caches and compiled code gone.
 */
export type FirstRequests = Readonly<Record<string, number | null>>;

export function seeFirstRequests(
  known: FirstRequests,
  { atMs, baseline, instances }: Measured<Warming> & { readonly baseline: boolean },
): FirstRequests {
  const fresh = instances.filter((one) => one.requests > 0 && !(processOf(one) in known));
  if (fresh.length === 0) return known;
  const at = baseline ? null : atMs;
  return { ...known, ...Object.fromEntries(fresh.map((one) => [processOf(one), at])) };
}

/**
 * Without the latencies of instances that warm up, of either arm: a cold candidate is no slower release, and a cold stable
 * instance would hide one. What fails counts from the first request on. Gives `instances` itself where none is cold.
 */
export function withoutCold<One extends Warming>(
  { atMs, instances }: Measured<One>,
  first: FirstRequests,
  warmupMs: number,
): readonly One[] {
  const isCold = (one: One) => {
    const since = first[processOf(one)] ?? null;
    return since !== null && atMs - since < warmupMs;
  };
  if (!instances.some(isCold)) return instances;
  return instances.map((one) => (isCold(one) ? { ...one, latency: [], abandoned: [] } : one));
}

function processOf({ instance, restarts = 0 }: Warming): string {
  return `${instance}+${restarts}`;
}
