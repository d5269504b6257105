import type { MetricReading } from '../analysis/metric-process.ts';
import { cpuPerRequest, memoryPerInstance } from '../analysis/saturation.ts';
import type { InstanceObservation } from '../ports/runtime/port.ts';
import { instancesOf, type TargetState } from '../rollout/state.ts';

const mebibyte = 1_048_576;
/** Requests of each arm below which CPU for each of them says nothing. */
const enough = 50;
/** Instances of one arm may have so many times the requests of the other's: below and above, what an instance does without requests weighs too much. */
const comparable = 2;

interface InstanceUsage {
  readonly cpuMs: number;
  readonly memoryBytes: number;
  readonly requests: number;
}

/** What the ready instances of both arms had used at one moment, by instance. CPU and requests are cumulative. */
export interface Usage {
  readonly candidate: Readonly<Record<string, InstanceUsage>>;
  readonly stable: Readonly<Record<string, InstanceUsage>>;
}

export function usageOf(observed: readonly InstanceObservation[], state: TargetState): Usage | null {
  const { rollout, stable } = state;
  if (rollout === null || rollout.phase === 'verifying') return null;
  const counted = rollout.evidence.cursor?.instances ?? {};
  const of = (generation: Parameters<typeof instancesOf>[1]): Usage['stable'] =>
    Object.fromEntries(
      instancesOf(state, generation).flatMap(({ id, status }) => {
        const seen = observed.find((one) => one.id === id);
        if (status !== 'ready' || seen === undefined || seen.cpuMs === null || seen.memoryBytes === null)
          return [];
        const { cpuMs, memoryBytes } = seen;
        return [[id, { cpuMs, memoryBytes, requests: counted[id]?.requests ?? 0 }]];
      }),
    );
  return { candidate: of(rollout.rollout), stable: stable === null ? {} : of(stable.rollout) };
}

/** What both arms used between two moments: CPU ms for each request, and MiB of an instance. */
export function saturationReadings(before: Usage, now: Usage): readonly MetricReading[] {
  const [candidate, stable] = [spent(before.candidate, now.candidate), spent(before.stable, now.stable)];
  if (candidate === null || stable === null) return [];
  const memory: MetricReading = {
    name: memoryPerInstance,
    kind: 'mean',
    candidate: candidate.memoryMiB,
    stable: stable.memoryMiB,
  };
  const share = candidate.requests / candidate.instances / (stable.requests / stable.instances);
  const fair = candidate.requests >= enough && stable.requests >= enough;
  if (!fair || share > comparable || share < 1 / comparable) return [memory];
  const cpu: MetricReading = {
    name: cpuPerRequest,
    kind: 'mean',
    candidate: candidate.cpuMs / candidate.requests,
    stable: stable.cpuMs / stable.requests,
  };
  return [cpu, memory];
}

/** The candidate's memory against its own of an earlier moment, where nothing runs beside it. */
export function growthReadings(before: Usage, now: Usage): readonly MetricReading[] {
  const grown = Object.entries(now.candidate).flatMap(([id, { memoryBytes, cpuMs }]) => {
    const held = before.candidate[id];
    return held === undefined || cpuMs < held.cpuMs ? [] : [{ first: held.memoryBytes, now: memoryBytes }];
  });
  if (grown.length === 0) return [];
  const mean = (of: (one: (typeof grown)[number]) => number) =>
    grown.reduce((sum, one) => sum + of(one), 0) / grown.length / mebibyte;
  const [candidate, stable] = [mean((one) => one.now), mean((one) => one.first)];
  return [{ name: memoryPerInstance, kind: 'mean', candidate, stable }];
}

/** Of instances that ran all the time; one that was started again counts from zero and is left out. */
function spent(
  before: Usage['stable'],
  now: Usage['stable'],
): {
  readonly instances: number;
  readonly cpuMs: number;
  readonly requests: number;
  readonly memoryMiB: number;
} | null {
  const own = Object.entries(now).flatMap(([id, usage]) => {
    const held = before[id];
    if (held === undefined || usage.cpuMs < held.cpuMs || usage.requests < held.requests) return [];
    return [
      { cpuMs: usage.cpuMs - held.cpuMs, requests: usage.requests - held.requests, bytes: usage.memoryBytes },
    ];
  });
  if (own.length === 0) return null;
  const total = (of: (one: (typeof own)[number]) => number) => own.reduce((sum, one) => sum + of(one), 0);
  return {
    instances: own.length,
    cpuMs: total(({ cpuMs }) => cpuMs),
    requests: total(({ requests }) => requests),
    memoryMiB: total(({ bytes }) => bytes) / own.length / mebibyte,
  };
}
