import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { latencyBucket } from '../base/latency-buckets.ts';
import { observeBatch, startAnalysis, verdictOf } from './analysis.ts';
import type { ArmBatch } from './batch.ts';
import { arm, chance, withLatency } from './counted-world.ts';
import { type LatencyNoise, noiseDivisor, observeNoise, startNoise } from './latency-noise.ts';
import { mixtureLogE, observeMixture, startMixture } from './mixture.ts';
import { type AnalysisSettings, defaultAnalysisSettings } from './settings.ts';

const settings: AnalysisSettings = { ...defaultAnalysisSettings, warmupMs: 0 };
const slowEdge = latencyBucket(100);
const perBlock = 200;

describe('the noise of instances', () => {
  it('is hardly any where requests are slow by chance', () => {
    const random = chance(7);
    const noise = learn(60, 2, () => Array.from({ length: perBlock }, random).filter((u) => u < 0.05).length);
    const divisor = noiseDivisor(noise, perBlock);
    assert.ok(divisor < 2, `${divisor}`);
  });

  it('is some times as large as the groups in which requests are slow', () => {
    const random = chance(8);
    const groups = () => 20 * Array.from({ length: perBlock / 20 }, random).filter((u) => u < 0.05).length;
    for (const instances of [2, 5, 1]) {
      const divisor = noiseDivisor(learn(240, instances, groups), perBlock);
      assert.ok(divisor > 20 && divisor < 100, `${divisor} with ${instances} instances`);
    }
  });

  it('counts for more where an instance of the candidate has more requests', () => {
    const random = chance(9);
    const noise = learn(60, 2, () => (random() < 0.2 ? 60 : 5));
    assert.ok(noiseDivisor(noise, 2 * perBlock) > 1.5 * noiseDivisor(noise, perBlock));
    assert.equal(noiseDivisor(startNoise(), perBlock), 1);
  });
});

describe('one block', () => {
  it('adds no more to the capital than its limit, however often it is looked at', () => {
    const alternatives = [{ omega: 2, weight: 1 }];
    const growthLimit = Math.log(10);
    let state = startMixture(alternatives);
    for (let tick = 0; tick < 50; tick += 1) {
      state = observeMixture(state, { logE: [1], beginsBlock: tick === 0, growthLimit });
    }
    assert.ok(Math.abs(mixtureLogE(state, alternatives) - Math.log(0.5 + 0.5 * 10)) < 1e-9);
    const lost = observeMixture(state, { logE: [-51], beginsBlock: false, growthLimit });
    assert.ok(mixtureLogE(lost, alternatives) < 0, 'what is lost later in the block counts in full');
  });

  it('in which the candidate stands still fails nobody, and a slow candidate is failed within half a minute', () => {
    assert.equal(judge((second) => (second >= 20 && second < 25 ? 400 : 20)).kind, 'inconclusive');
    const { kind, second } = judge((now) => (now >= 20 ? 45 : 20));
    assert.equal(kind, 'failed');
    assert.ok(second < 60, `after ${second} s`);
  });
});

describe('a candidate whose instances carry more than those of stable', () => {
  it('is not slower for that, unless it is twice as slow', () => {
    const crowded = { weight: 0.5, instances: 1 };
    assert.equal(judge(() => 27, crowded).kind, 'inconclusive');
    assert.equal(judge(() => 27, { weight: 0.5, instances: 2 }).kind, 'failed');
    assert.equal(judge(() => 60, crowded).kind, 'failed');
  });
});

/** Each instance has `slow()` slow requests of `perBlock` in a block. */
function learn(blocks: number, instances: number, slow: () => number): LatencyNoise {
  let noise = startNoise();
  for (let block = 0; block < blocks; block += 1) {
    const units = Array.from({ length: instances }, (_, k) => {
      const y = slow();
      const latency = [[slowEdge, perBlock - y] as const, [slowEdge + 9, y] as const];
      return { instance: String(k), latency };
    });
    noise = observeNoise(noise, units, { block, edge: slowEdge });
  }
  return noise;
}

/** A minute and a half of 120 requests a second, two stable instances; the candidate's median is given, stable's is 20 ms. */
function judge(
  medianMs: (second: number) => number,
  { weight, instances } = { weight: 1 / 3, instances: 1 },
) {
  const random = chance(3);
  let state = startAnalysis(settings);
  for (let second = 0; second < 90; second += 1) {
    const own = Math.round(120 * weight);
    const instance = (name: string) => ({ instance: name, ...noisy(random, 60 - own / 2, 20) });
    const stableInstances = [instance('a'), instance('b')];
    const stable = noisy(random, 120 - own, 20);
    const candidate = noisy(random, own, medianMs(second));
    const batch = { atMs: second * 1_000, candidate, candidateInstances: instances, stable, stableInstances };
    state = observeBatch(state, batch, settings);
    if (verdictOf(state, settings).kind === 'failed') return { kind: 'failed', second };
  }
  // Whether it is shown to be safe is another question.
  return { kind: 'inconclusive', second: 90 };
}

function noisy(random: () => number, requests: number, medianMs: number): ArmBatch {
  return withLatency(arm(requests, 0), () => medianMs * (0.5 + random()));
}
