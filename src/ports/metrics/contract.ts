import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Measurement, MetricSource, Metrics } from './port.ts';

/** Metrics and a way to set what a source answers. */
export interface MetricsWorld {
  readonly metrics: Metrics;
  /** A source that answers with `text`; null: one that fails. */
  source(text: string | null): Promise<MetricSource>;
}

/** 2027-01-15T08:00:00Z */
export const now = 1_800_000_000_000;
const iso = (ageMs: number) => JSON.stringify(new Date(now - ageMs).toISOString());

const rows: readonly (readonly [text: string | null, kind: Measurement['kind'], value?: number])[] = [
  ['0', 'value', 0],
  [' 12.5\n', 'value', 12.5],
  ['-3e2', 'value', -300],
  ['{"value":7}', 'value', 7],
  ['{"value":7,"at":null}', 'value', 7],
  ['{"value":"0.25"}', 'value', 0.25],
  [`{"value":7,"at":${now - 1_000}}`, 'value', 7],
  [`{"value":7,"at":${iso(1_000)}}`, 'value', 7],
  [`{"value":7,"at":${iso(-30_000)}}`, 'value', 7],
  [`{"value":7,"at":${iso(61_000)}}`, 'stale'],
  [`{"value":7,"at":${Math.round(now / 1_000)}}`, 'stale'],
  [`{"value":7,"at":${iso(-120_000)}}`, 'error'],
  ['{"value":7,"at":"yesterday"}', 'error'],
  ['{"value":7,"at":"2027-01-15T08:00:00"}', 'error'],
  ['{"value":7,"at":true}', 'error'],
  ['{"value":null}', 'error'],
  ['{"value":true}', 'error'],
  ['{"count":7}', 'error'],
  ['[7]', 'error'],
  ['null', 'error'],
  ['true', 'error'],
  ['', 'error'],
  ['NaN', 'error'],
  ['"NaN"', 'error'],
  ['Infinity', 'error'],
  ['1e999', 'error'],
  ['{"value":1e999}', 'error'],
  ['0x10', 'error'],
  ['1,5', 'error'],
  ['1\n2', 'error'],
  ['all is well', 'error'],
  [null, 'error'],
];

/** What every source of measurements does. `open` gives a new world; whoever opens it cleans it up. */
export function metricsContract(name: string, open: () => Promise<MetricsWorld>): void {
  describe(`${name} as metrics`, () => {
    for (const [text, kind, value] of rows) {
      it(`takes ${text === null ? 'a failing source' : JSON.stringify(text)} as ${kind}`, async () => {
        const { metrics, source } = await open();
        const measured = await metrics.measure(await source(text), { env: {}, maxAgeMs: 60_000, at: now });
        assert.equal(measured.kind, kind, JSON.stringify(measured));
        if (measured.kind === 'value') assert.equal(measured.value, value);
        else assert.ok(measured.reason.length > 0 && !measured.reason.includes('\n'), measured.reason);
      });
    }

    it('dates a measurement without a time at its answer', async () => {
      const { metrics, source } = await open();
      const measured = await metrics.measure(await source('1'), { env: {}, maxAgeMs: 0, at: now });
      assert.ok(measured.kind === 'value', JSON.stringify(measured));
      assert.ok(measured.measuredAt >= now && measured.measuredAt < now + 60_000);
    });
  });
}
