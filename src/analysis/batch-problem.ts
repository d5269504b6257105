import type { SparseHistogram } from '../base/counts.ts';
import type { ArmBatch, Batch } from './batch.ts';

/** Why a batch cannot be true, as one sentence; null when it can. */
export function batchProblem(batch: Batch): string | null {
  if (!Number.isFinite(batch.atMs)) return `a batch has the time ${batch.atMs}`;
  const arms = [
    ['the candidate', batch.candidate],
    ['stable', batch.stable],
    ...(batch.stableInstances ?? []).map((arm) => ['a stable instance', arm] as const),
  ] as const;
  for (const [name, arm] of arms) {
    const problem = armProblem(arm);
    if (problem !== null) return `counts of ${name} cannot be true: ${problem}`;
  }
  return null;
}

function armProblem({ requests, bad, clientErrors, latency, abandoned }: ArmBatch): string | null {
  const counts = [requests, bad, clientErrors];
  if (counts.some((count) => !isCount(count))) return `${counts.join(', ')} are not counts`;
  if (bad > requests) return `${bad} bad ones of ${requests} requests`;
  if (clientErrors > requests) return `${clientErrors} client errors of ${requests} requests`;
  return isHistogram(latency) && isHistogram(abandoned) ? null : 'a latency bucket holds no count';
}

function isHistogram(histogram: SparseHistogram): boolean {
  return histogram.every(([bucket, count]) => isCount(bucket) && isCount(count));
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
