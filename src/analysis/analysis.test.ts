import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { absoluteVerdict, observeBatch, restartSafety, startAnalysis, verdictOf } from './analysis.ts';
import type { Batch } from './batch.ts';
import { arm, chance, withLatency } from './counted-world.ts';
import { type AnalysisSettings, defaultAnalysisSettings } from './settings.ts';

const settings = defaultAnalysisSettings;

interface World {
  readonly candidate: number;
  readonly stable: number;
  /** Slots or latencies on top; both are left out by default. */
  readonly shape?: (batch: Batch, index: number, random: () => number) => Batch;
}

describe('the verdict', () => {
  it('fails a candidate at 5 % against 1 %, names the errors, and says what that is worth', () => {
    const { verdict, requests } = judge({ candidate: 0.05, stable: 0.01 }, 1, 4_000);
    assert.equal(verdict.kind, 'failed');
    assert.ok(requests < 1_000, `needed ${requests} candidate requests`);
    assert.match(verdict.reasons.join('\n'), /more of its requests fail/);
    assert.match(verdict.reasons.join('\n'), /at most 1 of 100 rollouts/);
  });

  it('finds an equal candidate safe, and hardly ever fails one', () => {
    const kinds = Array.from({ length: 40 }, (_, seed) =>
      judge({ candidate: 0.01, stable: 0.01 }, seed + 1, 6_000),
    ).map(({ verdict }) => verdict.kind);
    assert.ok(kinds.filter((kind) => kind === 'failed').length <= 1, kinds.join(' '));
    assert.ok(kinds.filter((kind) => kind === 'successful').length >= 36, kinds.join(' '));
  });

  it('is inconclusive while little is known, and says how much is missing', () => {
    const { verdict } = judge({ candidate: 0.01, stable: 0.01 }, 3, 40);
    assert.equal(verdict.kind, 'inconclusive');
    assert.match(verdict.reasons.join('\n'), /errors not shown to be safe/);
  });

  it('fails a candidate that is slow, but not while it warms up', () => {
    const slow = (ms: number) => ({
      candidate: 0.001,
      stable: 0.001,
      shape: (batch: Batch, _index: number, random: () => number) => ({
        ...batch,
        candidate: withLatency(batch.candidate, () => 20 + ms + 20 * random()),
        stable: withLatency(batch.stable, () => 20 + 20 * random()),
      }),
    });
    const warm: AnalysisSettings = { ...settings, warmupMs: 20_000 };
    const early = judge(slow(60), 5, 180, warm).verdict;
    assert.notEqual(early.kind, 'failed');
    const { verdict } = judge(slow(60), 5, 2_000, warm);
    assert.equal(verdict.kind, 'failed');
    assert.match(verdict.reasons.join('\n'), /latency/);
    assert.notEqual(judge(slow(0), 5, 2_000, warm).verdict.kind, 'failed');
  });

  it('does not blame the candidate when stable fails above the limit as well', () => {
    const { verdict } = judge({ candidate: 0.1, stable: 0.1 }, 9, 5_000);
    assert.notEqual(verdict.kind, 'failed');
  });

  const differing = (batch: Batch) => {
    const half = { ...batch.stable, requests: 95, bad: 0 };
    return { ...batch, stableInstances: [half, { ...half, bad: Math.min(95, 9) }] };
  };

  it('holds when stable instances differ from each other', () => {
    const { verdict } = judge({ candidate: 0.2, stable: 0.05, shape: differing }, 2, 4_000);
    assert.equal(verdict.kind, 'inconclusive');
    assert.match(verdict.reasons[0] ?? '', /cannot be compared/);
  });

  it('is an error for what is required and not measured, also where stable instances differ', () => {
    const orders = {
      name: 'orders',
      kind: 'mean',
      direction: 'fewer-is-bad',
      ratio: 1,
      absolute: 0,
    } as const;
    const metrics = [{ ...orders, required: true, afterWarmup: false }];
    const missing = { name: 'orders', kind: 'unknown', problem: 'of an hour ago' } as const;
    const shape = (batch: Batch) => ({ ...differing(batch), metrics: [missing] });
    const { verdict } = judge({ candidate: 0.05, stable: 0.05, shape }, 2, 4_000, { ...settings, metrics });
    assert.equal(verdict.kind, 'error');
    assert.match(verdict.reasons[0] ?? '', /orders was not measured: of an hour ago/);
  });

  it('judges by slots when routing is sticky', () => {
    const sticky: AnalysisSettings = { ...settings, affinity: 'sticky' };
    const shape = (rate: number) => (batch: Batch, _index: number, random: () => number) => ({
      ...batch,
      slots: Array.from({ length: 100 }, (_, slot) => {
        const mine = { requests: 2, bad: Number(random() < (slot < 10 ? rate : 0.01)) };
        const none = { requests: 0, bad: 0 };
        return slot < 10 ? { slot, candidate: mine, stable: none } : { slot, candidate: none, stable: mine };
      }),
    });
    const bad = judge({ candidate: 0.1, stable: 0.01, shape: shape(0.1) }, 4, 2_000, sticky);
    assert.equal(bad.verdict.kind, 'failed');
    const good = judge({ candidate: 0.01, stable: 0.01, shape: shape(0.01) }, 4, 2_000, sticky);
    assert.notEqual(good.verdict.kind, 'failed');
  });

  it('is an error for counts that cannot be true', () => {
    const batch = { atMs: 0, candidate: arm(3, 5), stable: arm(10, 0) };
    const verdict = verdictOf(observeBatch(startAnalysis(settings), batch, settings), settings);
    assert.equal(verdict.kind, 'error');
    assert.match(verdict.reasons[0] ?? '', /5 bad ones of 3 requests/);
  });

  it('begins safety anew at a step and goes on with the evidence of harm', () => {
    const { state } = judge({ candidate: 0.01, stable: 0.01 }, 3, 4_000);
    const again = restartSafety(state);
    assert.deepEqual(again.errors, state.errors);
    assert.equal(verdictOf(again, settings).kind, 'inconclusive');
    assert.equal(again.safety.errors.pastTotal, state.safety.errors.pastTotal);
  });

  it('learns from stable requests before the candidate has any, without taking them as evidence', () => {
    const before = { atMs: 0, candidate: arm(0, 0), stable: arm(9_900, 9) };
    const state = observeBatch(startAnalysis(settings), before, settings);
    assert.equal(state.errors.process.pastTotal, 10_000);
    assert.equal(state.errors.process.mixture.blocks, 0);
    assert.equal(state.startedAt, null, 'the warm-up begins with the first candidate request');
    assert.equal(verdictOf(state, settings).kind, 'inconclusive');
  });

  it('is the same after the state was kept as JSON between all batches', () => {
    const world = { candidate: 0.03, stable: 0.01 };
    const straight = judge(world, 8, 400).state;
    const kept = judge(world, 8, 400, settings, (state) => JSON.parse(JSON.stringify(state))).state;
    assert.deepEqual(kept, straight);
  });
});

describe('the verdict without anything beside the candidate', () => {
  it('fails above the limit, succeeds below it, and is marked as uncompared', () => {
    assert.equal(absoluteVerdict(arm(200, 40), settings).kind, 'failed');
    const good = absoluteVerdict(arm(2_000, 4), settings);
    assert.equal(good.kind, 'successful');
    assert.match(good.reasons.join('\n'), /Uncompared/);
    assert.doesNotMatch(good.reasons.join('\n'), /rollouts/);
    assert.equal(absoluteVerdict(arm(0, 0), settings).kind, 'inconclusive');
  });

  it('concludes nothing without a limit', () => {
    const open = { ...settings, triggers: { errorRate: null, latencyFactor: null } };
    assert.equal(absoluteVerdict(arm(200, 40), open).kind, 'inconclusive');
  });
});

/** Feeds a batch of 10 candidate and 190 stable requests a second until a candidate fails or `most` requests were seen. */
function judge(
  { candidate, stable, shape = (batch) => batch }: World,
  seed: number,
  most: number,
  used = settings,
  keep = (state: ReturnType<typeof startAnalysis>) => state,
) {
  const random = chance(seed);
  const count = (requests: number, rate: number) =>
    arm(requests, Array.from({ length: requests }, random).filter((value) => value < rate).length);
  let state = startAnalysis(used);
  let requests = 0;
  let verdict = verdictOf(state, used);
  for (let index = 0; requests < most && verdict.kind !== 'failed'; index += 1) {
    const plain = { atMs: index * 1_000, candidate: count(10, candidate), stable: count(190, stable) };
    state = keep(observeBatch(state, shape(plain, index, random), used));
    verdict = verdictOf(state, used);
    requests += 10;
  }
  return { state, verdict, requests };
}
