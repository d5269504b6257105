import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AnalysisSettings, defaultAnalysisSettings } from '../analysis/settings.ts';
import { latencyBucket } from '../base/latency-buckets.ts';
import { type EvidenceBatch, foldBatch, type InstanceBatch, startEvidence, verdictOn } from './evidence.ts';

const settings: AnalysisSettings = { ...defaultAnalysisSettings, warmupMs: 10_000 };
const plan = { strategy: { kind: 'canary' }, previous: {}, kind: 'deploy', analysis: settings } as never;

/** What an instance does in a second. */
interface Doing {
  readonly arm: 'candidate' | 'stable';
  readonly ms: number;
  readonly failing?: number;
  readonly restarts?: number;
}

type World = (second: number) => Readonly<Record<string, Doing>>;

const stable: Doing = { arm: 'stable', ms: 20 };
const candidate: Doing = { arm: 'candidate', ms: 20 };
/** Cold instances answer in five times the time for their first eight seconds. */
const cold = (second: number, since: number) => (second - since < 8 ? 100 : 20);

describe('an instance that warms up', () => {
  it('is no evidence against the candidate, whenever it joins', () => {
    const joins: World = (second) => ({
      'c-1': { ...candidate, ms: cold(second, 0) },
      ...(second < 30 ? {} : { 'c-2': { ...candidate, ms: cold(second, 30) } }),
      's-1': stable,
    });
    assert.equal(verdictAfter(joins, 60), 'successful');
  });

  it('is a new one after a restart, in either arm', () => {
    const restarted: World = (second) => ({
      'c-1': { ...candidate, ms: second < 30 ? 20 : cold(second, 30), restarts: second < 30 ? 0 : 1 },
      's-1': stable,
    });
    assert.equal(verdictAfter(restarted, 60), 'successful');
    // The candidate is slower for good; a cold stable instance beside it must not hide that.
    const hidden: World = (second) => ({
      'c-1': { ...candidate, ms: 60 },
      's-1': restartedEach(12, second),
      's-2': stable,
    });
    assert.equal(verdictAfter(hidden, 60), 'failed');
  });

  it('is known from before the rollout where it had requests then', () => {
    const slow: World = () => ({ 'c-1': { ...candidate, ms: 60 }, 's-1': stable });
    assert.equal(verdictAfter(slow, 9), 'inconclusive');
    assert.equal(verdictAfter(slow, 60), 'failed');
  });

  it('is judged by what fails from its first request on', () => {
    const failing: World = () => ({ 'c-1': { ...candidate, failing: 0.3 }, 's-1': stable });
    assert.equal(verdictAfter(failing, 5), 'failed');
    const late: World = (second) => ({
      'c-1': candidate,
      ...(second < 30 ? {} : { 'c-2': { ...candidate, failing: 0.3 } }),
      's-1': stable,
    });
    assert.equal(verdictAfter(late, 29), 'successful');
    assert.equal(verdictAfter(late, 38), 'failed');
  });
});

function restartedEach(period: number, second: number): Doing {
  const restarts = Math.floor(second / period);
  return { ...stable, restarts, ms: restarts === 0 ? 20 : cold(second, restarts * period) };
}

/** The verdict after so many seconds with 40 requests each to every instance; the stable ones served before. */
function verdictAfter(world: World, seconds: number): string {
  const before = Object.entries(world(0)).filter(([, { arm }]) => arm === 'stable');
  let evidence = foldBatch(startEvidence(settings), batchOf(0, before, true), settings);
  for (let second = 0; second < seconds; second += 1) {
    evidence = foldBatch(evidence, batchOf(second, Object.entries(world(second)), false), settings);
    if (verdictOn(evidence, plan).kind === 'failed') return 'failed';
  }
  return verdictOn(evidence, plan).kind;
}

function batchOf(
  second: number,
  doing: readonly (readonly [string, Doing])[],
  baseline: boolean,
): EvidenceBatch {
  const atMs = (second + 1) * 1_000;
  return { atMs, epoch: 'one', baseline, instances: doing.map(([instance, one]) => secondOf(instance, one)) };
}

function secondOf(instance: string, { arm, ms, failing = 0, restarts = 0 }: Doing): InstanceBatch {
  const requests = 40;
  const latency = [0.7, 1, 1.5, 2].map((factor) => [latencyBucket(ms * factor), requests / 4] as const);
  const counts = { requests, bad: Math.round(requests * failing), clientErrors: 0, latency, abandoned: [] };
  return { instance, arm, ...(restarts > 0 && { restarts }), ...counts };
}
