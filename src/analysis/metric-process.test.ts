import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { observeBatch, startAnalysis, verdictOf } from './analysis.ts';
import type { ArmBatch, Batch } from './batch.ts';
import type { MetricReading, MetricTest } from './metric-process.ts';
import { metricWinner } from './metric-process.ts';
import { defaultAnalysisSettings } from './settings.ts';

const served: ArmBatch = { requests: 100, bad: 0, clientErrors: 0, latency: [[40, 100]], abandoned: [] };

function test(more: Partial<MetricTest> = {}): MetricTest {
  const usual = { name: 'orders', kind: 'rate', direction: 'fewer-is-bad', ratio: 1, absolute: 0 } as const;
  return { ...usual, required: false, afterWarmup: false, ...more };
}

/** The analysis after `count` batches with the reading that `at` gives for each. */
function after(count: number, metric: MetricTest, at: (index: number) => MetricReading) {
  const settings = { ...defaultAnalysisSettings, metrics: [metric] };
  let state = startAnalysis(settings);
  for (let index = 0; index < count; index += 1) {
    const batch: Batch = { atMs: 30_000 * index, candidate: served, stable: served, metrics: [at(index)] };
    state = observeBatch(state, batch, settings);
  }
  const [held] = state.metrics;
  assert.ok(held !== undefined);
  return { verdict: verdictOf(state, settings), held };
}

const exposure = { candidate: 100, stable: 100 };
const orders = (candidate: number, stable: number): MetricReading => ({
  name: 'orders',
  kind: 'rate',
  candidate,
  stable,
  exposure,
});
const level = (candidate: number, stable: number): MetricReading => ({
  name: 'orders',
  kind: 'mean',
  candidate,
  stable,
});

describe('a business metric', () => {
  it('fails a candidate whose users order half as much', () => {
    const { verdict } = after(40, test(), () => orders(10, 20));
    assert.equal(verdict.kind, 'failed');
    assert.match(verdict.reasons[0] ?? '', /its orders is worse/);
  });

  it('leaves a candidate alone whose users order more, or as much', () => {
    for (const [candidate, stable] of [
      [40, 20],
      [20, 20],
    ] as const) {
      assert.notEqual(after(40, test(), () => orders(candidate, stable)).verdict.kind, 'failed');
    }
  });

  it('looks the other way where more is bad', () => {
    const more = test({ direction: 'more-is-bad' });
    assert.equal(after(40, more, () => orders(40, 20)).verdict.kind, 'failed');
    assert.notEqual(after(40, more, () => orders(10, 20)).verdict.kind, 'failed');
  });

  it('compares levels as well', () => {
    const mean = test({ kind: 'mean' });
    const noise = (index: number) => (index % 3) - 1;
    assert.equal(after(30, mean, (index) => level(50 + noise(index), 80)).verdict.kind, 'failed');
    assert.notEqual(after(30, mean, (index) => level(80 + noise(index), 80)).verdict.kind, 'failed');
  });

  it('does not act on a level that differs by less than a tenth', () => {
    const { verdict } = after(200, test({ kind: 'mean' }), () => level(76, 80));
    assert.notEqual(verdict.kind, 'failed');
  });

  it('keeps a step from being promoted while it is required and not shown to be safe', () => {
    const required = test({ required: true });
    assert.equal(after(3, required, () => orders(0, 1)).verdict.kind, 'inconclusive');
    assert.equal(after(60, required, () => orders(20, 20)).verdict.kind, 'successful');
  });

  it('makes the verdict an error while it is required and cannot be measured', () => {
    const problem: MetricReading = { name: 'orders', kind: 'unknown', problem: 'no answer within 10 s' };
    const late = (index: number) => (index < 59 ? orders(20, 20) : problem);
    const { verdict } = after(60, test({ required: true }), late);
    assert.equal(verdict.kind, 'error');
    assert.match(verdict.reasons.join(' '), /orders was not measured: no answer within 10 s/);
    assert.equal(after(60, test(), late).verdict.kind, 'successful');
  });

  it('takes nonsense for a problem and not for a figure', () => {
    for (const reading of [orders(1.5, 2), orders(-1, 2), level(Number.NaN, 1), level(1, 2)]) {
      const { held } = after(1, test(), () => reading);
      assert.equal(held.readings, 0);
      assert.notEqual(held.problem, null);
    }
  });

  it('names a winner only where equality is excluded', () => {
    assert.equal(metricWinner(after(40, test(), () => orders(10, 20)).held, 0.01), 'stable');
    assert.equal(metricWinner(after(40, test(), () => orders(20, 10)).held, 0.01), 'candidate');
    assert.equal(metricWinner(after(40, test(), () => orders(20, 20)).held, 0.01), null);
  });

  it('is left out while the candidate warms up, where the test says so', () => {
    const { held } = after(2, test({ afterWarmup: true }), () => orders(1, 2));
    assert.equal(held.readings, 0);
  });
});
