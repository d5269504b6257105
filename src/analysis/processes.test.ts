import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { binaryLogE, observeBinary, startBinary } from './binary-process.ts';
import { combineLogE } from './combine.ts';
import { decide } from './decide.ts';
import { dispersion } from './dispersion.ts';
import { emptyGauge, gaugeLogE, observeGauge } from './gauge-process.ts';
import { observeLatency, startLatency } from './latency-process.ts';
import { observeRate, rateLogE, startRate } from './rate-process.ts';
import { observeSlices, sliceLogE, startSlices } from './slice-process.ts';
import { logESlices } from './slices.ts';

const near = (actual: number | undefined, expected: number) =>
  assert.ok(Math.abs((actual ?? Number.NaN) - expected) < 1e-9, `${actual} instead of ${expected}`);
const counts = (n: number, x: number, m: number, y: number) => ({ n, x, m, y });

describe('the processes give the published numbers', () => {
  it('for safety within a margin', () => {
    const config = { r: 1.5, d: 0.005, direction: 'safe' } as const;
    const first = observeBinary(
      startBinary('safe', { bad: 100, total: 10_000 }),
      counts(200, 2, 3800, 39),
      true,
      config,
    );
    near(binaryLogE(first, 'safe'), 0.14884622091281363);
    near(
      binaryLogE(observeBinary(first, counts(200, 1, 3800, 36), true, config), 'safe'),
      0.9680098848218419,
    );
  });

  it('for an absolute limit', () => {
    const config = { r: 0, d: 0.05, direction: 'harm' } as const;
    let state = startBinary('harm');
    for (const x of [1, 4, 6]) state = observeBinary(state, counts(20, x, 0, 0), true, config);
    near(binaryLogE(state, 'harm'), 5.153733140088411);
    near(state.maxLogE, 5.153733140088411);
  });

  it('for counts that drop', () => {
    const config = { r: 0.95, direction: 'down' } as const;
    const first = observeRate(startRate(), { x: 40, u: 5, y: 1000, v: 95 }, true, config);
    const second = observeRate(first, { x: 35, u: 5, y: 980, v: 95 }, true, config);
    near(rateLogE(second), 0.32943010045931664);
  });

  it('for slices', () => {
    near(logESlices([4], [0, 1, 0, 2, 1, 0, 1, 3, 0, 1, 1, 0, 2, 0, 1, 1, 0, 1, 0], 2), 1.7429693050586228);
    near(logESlices([0], [3, 2, 4, 1, 2, 5, 3, 2, 3, 1, 4, 2], 2 / 3), 0.8553496042788473);
    const batch = { candidate: [2, 1], stable: [0, 1, 0, 0, 1, 2, 0, 1, 0, 1, 0, 0, 1, 0, 0, 1, 0, 2] };
    const state = observeSlices(startSlices(), batch, true, { direction: 'harm', cap: 3 });
    near(sliceLogE(state), 0.5373289342034316);
  });

  it('for a mean that saturates', () => {
    const pairs = [
      [0.52, 0.41],
      [0.47, 0.44],
      [0.55, 0.4],
    ] as const;
    const line = { r: 1.1, d: 0.02 };
    const state = pairs.reduce(
      (held, [candidate, stable]) => observeGauge(held, { candidate, stable }, line),
      emptyGauge,
    );
    near(gaugeLogE(state), -0.2884902079291941);
  });

  it('for means, dispersion and decisions', () => {
    const parts = [4, -1, 1.2, 0.1].map((logE, i) => ({ logE, weight: [0.5, 0.3, 0.1, 0.1][i] ?? 0 }));
    near(combineLogE(parts), 3.3269036149729456);
    near(dispersion([9, 14, 8, 30, 7, 12, 11, 5].map((y) => ({ y, m: 1000 }))), 6.844033159822631);
    const harm = [
      { name: 'errors', weight: 0.5, logE: 6, guardHolds: true },
      { name: 'latency', weight: 0.3, logE: 1, guardHolds: true },
      { name: 'cpu', weight: 0.2, logE: -1, guardHolds: true },
    ];
    const base = { safe: [{ name: 'errors', logE: 3.1 }], alpha: 0.01, beta: 0.05, amber: 0.1 };
    const rest = { bakeOk: true, expired: false };
    const back = decide({ ...base, ...rest, harm });
    assert.deepEqual([back.verdict, back.because], ['rollback', ['errors']]);
    near(back.logE, 5.311250655751617);
    const quiet = harm.map((part) => ({ ...part, guardHolds: false }));
    assert.equal(decide({ ...base, ...rest, harm: quiet }).verdict, 'promote');
    assert.deepEqual(decide({ ...base, harm: quiet, bakeOk: false, expired: false }).because, ['bake']);
    assert.equal(decide({ ...base, harm: quiet, bakeOk: false, expired: true }).verdict, 'inconclusive');
  });
});

describe('a batch that lacks an arm', () => {
  it('is carried forward, and counts as one with the next', () => {
    const config = { r: 1, d: 0, direction: 'harm' } as const;
    const halves = observeBinary(startBinary('harm'), counts(100, 1, 0, 0), true, config);
    assert.equal(binaryLogE(halves, 'harm'), 0);
    const later = observeBinary(halves, counts(0, 0, 1900, 20), false, config);
    assert.deepEqual(later, observeBinary(startBinary('harm'), counts(100, 1, 1900, 20), true, config));
    near(binaryLogE(later, 'harm'), -0.42517794546368826);
  });

  it('trains latency when there is no history', () => {
    const arm = { latency: [[2, 10]] as const, abandoned: [] };
    const config = { u: 0.5, tolerance: 1.1, direction: 'harm', edges: [10, 20, 30, 40] } as const;
    const trained = observeLatency(startLatency('harm'), { candidate: arm, stable: arm }, true, config);
    assert.equal(binaryLogE(trained, 'harm'), 0);
    assert.deepEqual(trained.past, [[2, 10]]);
    const gone = {
      latency: [],
      abandoned: [
        [0, 5],
        [4, 3],
      ] as const,
    };
    const next = observeLatency(trained, { candidate: gone, stable: arm }, true, config);
    assert.deepEqual(
      [next.last.n, next.last.x],
      [3, 3],
      'who left early is left out, who left late was slow',
    );
  });
});
