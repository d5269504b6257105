import type { SparseHistogram } from '../base/counts.ts';
import type { MetricReading } from './metric-process.ts';

/** What one arm did between two readings. All counts are increments. */
export interface ArmBatch {
  readonly requests: number;
  readonly bad: number;
  readonly clientErrors: number;
  /** Of `bad`, those whose users another instance answered: no evidence, they count in full. Left out for none. */
  readonly shielded?: number;
  readonly latency: SparseHistogram;
  readonly abandoned: SparseHistogram;
}

/** Evidence of one interval: what both arms did in the same time. */
export interface Batch {
  /** End of the interval, ms of the wall clock. */
  readonly atMs: number;
  readonly candidate: ArmBatch;
  readonly stable: ArmBatch;
  /** Stable instances one by one: their spread is the noise between instances. Without a name, their order tells them apart. */
  readonly stableInstances?: readonly (ArmBatch & { readonly instance?: string })[];
  /** Over how many instances the candidate's latencies are spread, default 1. */
  readonly candidateInstances?: number;
  /** 100 hash slots of both arms, when routing is sticky. */
  readonly slots?: readonly SlotBatch[];
  /** What was measured beside the requests since the last batch. */
  readonly metrics?: readonly MetricReading[];
}

export interface SlotBatch {
  readonly slot: number;
  readonly candidate: { readonly requests: number; readonly bad: number };
  readonly stable: { readonly requests: number; readonly bad: number };
}
