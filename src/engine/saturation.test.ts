import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { saturationReadings, type Usage } from './saturation.ts';

function usage(cpuMs: number, requests: number, memoryMiB = 100): Usage['stable'][string] {
  return { cpuMs, requests, memoryBytes: memoryMiB * 1_048_576 };
}

const before: Usage = {
  candidate: { c: usage(100, 0) },
  stable: { a: usage(1_000, 1_000), b: usage(2_000, 1_000) },
};

describe('saturation', () => {
  it('is CPU for each request and memory of each instance, since the last look', () => {
    const now: Usage = {
      candidate: { c: usage(500, 200, 150) },
      stable: { a: usage(1_200, 1_200, 90), b: usage(2_200, 1_200, 110) },
    };
    assert.deepEqual(saturationReadings(before, now), [
      { name: 'CPU per request', kind: 'mean', candidate: 2, stable: 1 },
      { name: 'memory per instance', kind: 'mean', candidate: 150, stable: 100 },
    ]);
  });

  it('does not compare CPU where instances of one arm have many more requests', () => {
    const now: Usage = {
      candidate: { c: usage(500, 60) },
      stable: { a: usage(1_200, 1_200), b: usage(2_200, 1_200) },
    };
    assert.deepEqual(
      saturationReadings(before, now).map(({ name }) => name),
      ['memory per instance'],
    );
  });

  it('leaves out an instance that was started again', () => {
    const now: Usage = { candidate: { c: usage(10, 200) }, stable: before.stable };
    assert.deepEqual(saturationReadings(before, now), []);
  });
});
