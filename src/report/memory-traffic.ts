import type { MetricReading } from '../analysis/metric-process.ts';
import { cpuPerRequest, memoryPerInstance } from '../analysis/saturation.ts';
import type { SparseHistogram } from '../base/counts.ts';
import type { RolloutId } from '../base/ids.ts';
import { latencyBucket } from '../base/latency-buckets.ts';
import { fullWeight } from '../base/route-table.ts';
import type { EvidenceBatch, InstanceBatch } from '../rollout/evidence.ts';
import { instancesOf, type TargetState } from '../rollout/state.ts';

/** What users meet in one release. */
export interface MemoryBehaviour {
  /** Share of its requests that fail. Default 0.002. */
  readonly badShare?: number;
  /** How long one usually takes, ms. Default 12. */
  readonly latencyMs?: number;
  /** Four of five of its failures are answered by stable. Default false. */
  readonly shielded?: boolean;
}

const requestsPerBatch = 200;

/** Users whose requests come evenly, each half second as many; what fails comes as evenly as its share allows. */
export class MemoryTraffic {
  readonly #behaviourOf: (rollout: RolloutId) => MemoryBehaviour | undefined;
  /** Bad requests that are due, by release: fractions are carried on. */
  readonly #due = new Map<RolloutId, number>();
  #failed = 0;

  constructor(behaviourOf: (rollout: RolloutId) => MemoryBehaviour | undefined) {
    this.#behaviourOf = behaviourOf;
  }

  /** What both arms answered in the half second before `atMs`. */
  batch(state: TargetState, atMs: number): EvidenceBatch | null {
    const { rollout, stable } = state;
    if (rollout === null || rollout.phase === 'verifying') return null;
    const baseline = rollout.evidence.cursor === null;
    if (baseline) return { atMs, epoch: 'e1', baseline, instances: [] };
    const ofCandidate = Math.round((requestsPerBatch * rollout.weight) / fullWeight);
    const candidate = this.#answered(state, 'candidate', rollout.rollout, ofCandidate);
    const others =
      stable === null ? [] : this.#answered(state, 'stable', stable.rollout, requestsPerBatch - ofCandidate);
    const both = candidate.length > 0 && others.length > 0;
    const instances = [...candidate, ...others];
    const mirror = this.#copied(state);
    return { atMs, epoch: 'e1', baseline, instances, ...(both && { metrics: readings }), ...mirror };
  }

  /** Copies of one page, of which as many fail as users' requests would. */
  #copied({ rollout, routes: { requested } }: TargetState): Pick<EvidenceBatch, 'mirror'> {
    const behaviour = rollout === null ? undefined : this.#behaviourOf(rollout.rollout);
    if (requested?.mirror === undefined || behaviour === undefined) return {};
    const requests = Math.round((requestsPerBatch * requested.mirror.share) / fullWeight);
    const bad = Math.round(requests * (behaviour.badShare ?? 0));
    const stableLatency: SparseHistogram = [[latencyBucket(12), requests]];
    const candidateLatency: SparseHistogram = [[latencyBucket(behaviour.latencyMs ?? 12), requests - bad]];
    const differences = bad === 0 ? [] : [{ stable: '200', candidate: '500', requests: bad }];
    const routes = [{ route: 'GET /cart/:n', requests, differences, stableLatency, candidateLatency }];
    const stable = { requests: requestsPerBatch, bad: 0 };
    return { mirror: { candidate: { requests, bad }, stable, skipped: 0, routes } };
  }

  #answered(
    state: TargetState,
    arm: 'candidate' | 'stable',
    rollout: RolloutId,
    requests: number,
  ): readonly InstanceBatch[] {
    const behaviour = this.#behaviourOf(rollout);
    const [first] = instancesOf(state, rollout);
    if (behaviour === undefined || first === undefined || requests === 0) return [];
    const { badShare = 0.002, latencyMs = 12, shielded = false } = behaviour;
    const due = (this.#due.get(rollout) ?? 0) + requests * badShare;
    this.#due.set(rollout, due % 1);
    const bad = Math.floor(due);
    const kept = arm === 'candidate' ? this.#keptFromUsers(bad) : 0;
    const slow = Math.floor(requests / 10);
    const latency = [
      [latencyBucket(latencyMs), requests - slow],
      [latencyBucket(2 * latencyMs), slow],
    ] as const;
    const counts = { requests, bad, clientErrors: 0, abandoned: [] };
    return [
      {
        instance: first.id,
        arm,
        ...counts,
        ...(shielded && kept > 0 && { shielded: kept }),
        latency: latency.filter(([, n]) => n > 0),
      },
    ];
  }

  /** Of so many more failures of candidates; every fifth one of all reaches a user. */
  #keptFromUsers(bad: number): number {
    const before = this.#failed;
    this.#failed += bad;
    return bad - (Math.floor(this.#failed / 5) - Math.floor(before / 5));
  }
}

const readings: readonly MetricReading[] = [
  { name: cpuPerRequest, kind: 'mean', candidate: 1.9, stable: 1.8 },
  { name: memoryPerInstance, kind: 'mean', candidate: 81, stable: 80 },
];
