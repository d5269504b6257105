import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { parseTargetId } from '../src/base/ids.ts';
import { latencyBucket } from '../src/base/latency-buckets.ts';
import { databasePath } from '../src/journal/sqlite-database.ts';
import { allEvents } from '../src/journal/sqlite-events.ts';
import type { RolloutEvent } from '../src/rollout/event.ts';
import { type EvidenceBatch, foldBatch, type InstanceBatch, verdictOn } from '../src/rollout/evidence.ts';
import { evolve } from '../src/rollout/evolve.ts';
import { emptyTarget, type Going } from '../src/rollout/state.ts';

export interface Response {
  /** Ms of the wall clock. */
  readonly at: number;
  readonly arm: 'candidate' | 'stable';
  readonly bad: boolean;
  readonly latencyMs: number;
}

/** What was known when the verdict fell, and the batch with which it did. */
interface Deciding {
  readonly before: Going;
  readonly batch: EvidenceBatch;
}

/**
 * The response that tips the verdict, found by replaying the journal: the first of the deciding batch with which, were
 * the batch cut off right after it, the analysis says `failed`. Null when no measurement decided.
 * @param responses of one rollout, in order of time.
 */
export function tippingResponse(
  { stateDir, rollout }: { readonly stateDir: string; readonly rollout: string },
  responses: readonly Response[],
): Response | null {
  const deciding = decidingBatch(stateDir, rollout);
  if (deciding === null) return null;
  const { before, batch } = deciding;
  const counted = batch.instances.reduce(
    (all, { arm, requests }) => all + (arm === 'candidate' ? requests : 0),
    0,
  );
  const { requests: earlier } = before.evidence.candidate;
  const candidates = responses.filter(({ arm }) => arm === 'candidate').slice(earlier, earlier + counted);
  const since = candidates[0]?.at ?? 0;
  const bad = candidates.filter((response) => response.bad);
  const tips = ({ at }: Response) => {
    const stable = responses.filter((one) => one.arm === 'stable' && one.at >= since && one.at <= at);
    const cut = [...candidates.filter((one) => one.at <= at), ...stable];
    return fails(before, { ...batch, instances: cut.map(asBatch) });
  };
  return bad.find(tips) ?? bad.at(-1) ?? null;
}

function decidingBatch(stateDir: string, rollout: string): Deciding | null {
  using database = new DatabaseSync(databasePath(join(stateDir, 'journal')), { readOnly: true });
  let state = emptyTarget(parseTargetId('web@production'));
  let deciding: Deciding | null = null;
  for (const { stream, type, data } of allEvents(database)) {
    if (stream !== 'target/web@production') continue;
    const event = { ...(data as object), type } as RolloutEvent;
    const { rollout: going } = state;
    if (going?.rollout === rollout && going.phase !== 'verifying') {
      if (event.type === 'GoingBackStarted') return deciding;
      if (event.type === 'BatchRecorded') deciding = { before: going, batch: event.batch };
    }
    state = evolve(state, event);
  }
  return null;
}

function fails({ evidence, plan }: Going, batch: EvidenceBatch): boolean {
  return verdictOn(foldBatch(evidence, batch, plan.analysis), plan).kind === 'failed';
}

function asBatch({ arm, bad, latencyMs }: Response): InstanceBatch {
  return {
    instance: arm,
    arm,
    requests: 1,
    bad: bad ? 1 : 0,
    clientErrors: 0,
    latency: [[latencyBucket(latencyMs), 1]],
    abandoned: [],
  };
}
