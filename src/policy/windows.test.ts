import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { DeployWindow, EnvironmentPolicy } from './policy.ts';
import { deployWindow, windowStatus } from './windows.ts';

const policy = (changes: Partial<EnvironmentPolicy>): EnvironmentPolicy => ({
  windows: [],
  freezes: [],
  approvals: [],
  after: null,
  rehearse: false,
  onConflict: 'refuse',
  approvalMaxAgeMs: 0,
  approverMustDiffer: false,
  ...changes,
});
const berlin = (changes: Partial<DeployWindow> = {}): DeployWindow => ({
  days: [1, 2, 3, 4, 5],
  fromMinute: 540,
  toMinute: 1020,
  timeZone: 'Europe/Berlin',
  ...changes,
});
const at = Date.parse;

describe('windowStatus', () => {
  it('is open at any time where there are no windows and no freezes', () => {
    assert.equal(windowStatus(policy({}), 0).open, true);
  });

  it('follows the wall clock over the change to summer time', () => {
    const daily = policy({ windows: [berlin({ days: [1, 2, 3, 4, 5, 6, 7] })] });
    const rows: [string, boolean][] = [
      ['2026-03-28T07:59:59Z', false],
      ['2026-03-28T08:00:00Z', true],
      ['2026-03-29T07:00:00Z', true],
      ['2026-03-29T06:59:59Z', false],
      ['2026-03-29T15:00:00Z', false],
      ['2026-10-25T08:00:00Z', true],
      ['2026-10-25T07:59:59Z', false],
    ];
    for (const [moment, open] of rows) assert.equal(windowStatus(daily, at(moment)).open, open, moment);
  });

  it('tells the next opening over a weekend', () => {
    const status = windowStatus(policy({ windows: [berlin()] }), at('2026-03-27T20:00:00Z'));
    assert.equal(status.open, false);
    assert.equal(status.opensAt, at('2026-03-30T07:00:00Z'));
  });

  it('runs over midnight and belongs to the day on which it begins', () => {
    const friday = policy({ windows: [berlin({ days: [5], fromMinute: 1320, toMinute: 120 })] });
    assert.equal(windowStatus(friday, at('2026-01-09T22:30:00Z')).open, true);
    assert.equal(windowStatus(friday, at('2026-01-10T00:59:00Z')).open, true);
    assert.equal(windowStatus(friday, at('2026-01-10T01:00:00Z')).open, false);
    assert.equal(windowStatus(friday, at('2026-01-09T00:30:00Z')).open, false);
  });

  it('begins at the jump when its begin falls into the skipped hour', () => {
    const night = policy({ windows: [berlin({ days: [7], fromMinute: 150, toMinute: 300 })] });
    assert.equal(windowStatus(night, at('2026-03-29T01:30:00Z')).open, true);
    assert.equal(windowStatus(night, at('2026-03-29T02:59:00Z')).open, true);
    assert.equal(windowStatus(night, at('2026-03-29T03:00:00Z')).open, false);
  });

  it('is closed in a freeze, names the reason, and opens in the first window after it', () => {
    const freezes = [{ from: at('2026-12-20'), to: at('2027-01-02'), reason: 'holidays' }];
    const status = windowStatus(policy({ windows: [berlin()], freezes }), at('2026-12-22T10:00:00Z'));
    assert.match(status.reason, /holidays/);
    assert.equal(status.opensAt, at('2027-01-04T08:00:00Z'));
  });

  it('is open at the moment it promised, and not before', () => {
    const anyWindow = fc.record({
      days: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
      fromMinute: fc.integer({ min: 0, max: 1439 }),
      toMinute: fc.integer({ min: 0, max: 1440 }),
      timeZone: fc.constantFrom(
        'UTC',
        'Europe/Berlin',
        'America/New_York',
        'Australia/Lord_Howe',
        'Asia/Kolkata',
      ),
    });
    const moments = fc.integer({ min: at('2025-01-01'), max: at('2028-01-01') });
    fc.assert(
      fc.property(
        fc.array(anyWindow, { maxLength: 3 }),
        moments,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (windows, moment, part) => {
          const rule = policy({ windows: windows.filter((one) => one.fromMinute !== one.toMinute) });
          const { open, opensAt } = windowStatus(rule, moment);
          if (open || opensAt === undefined) return;
          assert.equal(windowStatus(rule, opensAt).open, true);
          assert.equal(windowStatus(rule, Math.floor(moment + part * (opensAt - 1 - moment))).open, false);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('deployWindow', () => {
  it('is null where nothing restricts the time', () => {
    assert.equal(deployWindow(policy({}), 0), null);
  });

  it('is the open window, or else the next one', () => {
    const working = policy({ windows: [berlin()] });
    const friday = { from: at('2026-03-27T08:00:00Z'), to: at('2026-03-27T16:00:00Z') };
    assert.deepEqual(deployWindow(working, at('2026-03-27T10:00:00Z')), friday);
    assert.deepEqual(deployWindow(working, at('2026-03-26T20:00:00Z')), friday);
  });

  it('ends where a freeze begins, and begins where one ends', () => {
    const [from, to] = [at('2026-03-27T12:00:00Z'), at('2026-03-27T14:00:00Z')];
    const frozen = policy({ windows: [berlin()], freezes: [{ from, to, reason: 'fair' }] });
    assert.equal(deployWindow(frozen, at('2026-03-27T10:00:00Z'))?.to, from);
    assert.deepEqual(deployWindow(policy({ freezes: [{ from, to, reason: 'fair' }] }), from), {
      from: to,
      to: null,
    });
  });
});
