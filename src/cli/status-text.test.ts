import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EvidenceStatus, RolloutSummary, TargetStatus } from '../engine/api.ts';
import { memoryTarget } from '../rollout/memory-plan.ts';
import { emptyTarget } from '../rollout/state.ts';
import { evidenceText, statusText } from './status-text.ts';

const requested = { listen: '127.0.0.1:80', mode: 'maintenance' } as const;
const empty = emptyTarget(memoryTarget);
const status = {
  target: 'web@production',
  state: { ...empty, routes: { ...empty.routes, requested } },
  evidence: null,
} as unknown as TargetStatus;

const ended = (code: string): RolloutSummary => ({
  rollout: 'r-1',
  target: 'web@production',
  unit: 'U-1',
  version: '1.0.0',
  by: 'ann',
  startedAt: 0,
  endedAt: 1,
  ending: 'aborted',
  reason: '127.0.0.1:80 is in use.',
  code,
  remedy: null,
});

describe('the status of a target whose first release did not come in', () => {
  it('says that nothing listens where the address could not be opened', () => {
    const text = statusText([status], [ended('listen-failed')]);
    assert.match(text, /listens {4}nowhere, it failed: 127\.0\.0\.1:80 is in use\./);
    assert.ok(!text.includes('maintenance'), text);
  });

  it('shows the maintenance page that is there where it failed for another reason', () => {
    assert.match(
      statusText([status], [ended('health-failed')]),
      /listens {4}127\.0\.0\.1:80 \(maintenance\)/,
    );
  });

  it('says where clients must speak TLS', () => {
    const routes = { ...empty.routes, requested: { ...requested, edge: { tls: {} } } };
    const state = { ...status.state, routes } as unknown as TargetStatus['state'];
    assert.match(statusText([{ ...status, state }]), /listens {4}127\.0\.0\.1:80 \(maintenance, TLS\)/);
  });
});

describe('the status', () => {
  it('says of what nothing has been deployed', () => {
    assert.match(statusText([]), /^Nothing is deployed yet\./);
    assert.match(
      statusText([], [], { service: 'shop', to: 'staging' }),
      /^Nothing of shop in staging has ever/,
    );
  });

  it('tells evidence without an exponent', () => {
    const bars = (harm: number) => {
      const figures = {
        compared: true,
        harm: { logE: Math.log(harm), threshold: Math.log(100) },
        safe: { logE: Math.log(0.52), threshold: Math.log(20) },
      };
      return evidenceText({ verdict: { figures } } as unknown as EvidenceStatus);
    };
    assert.equal(bars(1), 'bad 1 of 100, safe 0.52 of 20');
    assert.equal(bars(128.9), 'bad 129 of 100, safe 0.52 of 20');
    assert.equal(bars(1e9), 'bad over a million of 100, safe 0.52 of 20');
  });
});
