import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseUnitId, type RolloutId } from '../base/ids.ts';
import type { GateResult } from '../rollout/gate.ts';
import { goodGates } from './memory-gates.ts';
import { MemoryWorld, type WorldRelease, worldWithStable } from './memory-world.ts';
import { blockedPlanText, planText } from './plan-text.ts';

function plan(world: MemoryWorld, release: WorldRelease): string {
  const made = world.planOf('R-9' as RolloutId, release);
  return planText(made, goodGates(world.state, release), world.paperwork);
}

const command = (run: string) => ({ run, timeoutMs: 60_000, env: {} });

describe('the written plan', () => {
  it('has the layout of the operator', () => {
    const text = plan(worldWithStable(), { unit: 'U-41', version: '1.1.0' });
    const titles = text.split('\n').filter((line) => /^##/.test(line));
    assert.deepEqual(titles, [
      '## Deployment Plan — U-41',
      '### Overview',
      '### Pre-Deployment Checklist',
      '### Deployment Steps',
      '### Verification Steps',
      '### Rollback Steps',
      '### Escalation Contacts',
    ]);
  });

  it('is the same before the rollout and in its story', () => {
    const world = worldWithStable();
    const before = plan(world, { unit: 'U-41', version: '1.1.0' });
    const story = world.deploy({ unit: 'U-41', version: '1.1.0' });
    assert.ok(story.plan !== null);
    assert.equal(planText(story.plan, story.gates, world.paperwork), before);
  });

  it('asks for health as clients do, over TLS where there is a certificate', () => {
    const world = worldWithStable();
    const made = world.planOf('R-9' as RolloutId, { unit: 'U-41', version: '1.1.0' });
    const asked = (edge: object) =>
      planText({ ...made, ...edge }, [], world.paperwork).match(/curl -f (https?):\/\/127/)?.[1];
    assert.equal(asked({}), 'http');
    assert.equal(asked({ edge: { tls: { certificate: 'a.crt', key: 'a.key' } } }), 'https');
  });

  it('says of a first release that there is nothing to compare with and no way back', () => {
    const text = plan(new MemoryWorld(), { unit: 'U-40', version: '1.0.0' });
    assert.match(text, /a first release has nothing to compare with and no way back/);
    assert.match(text, /There is no way back: nothing ran before\. When it fails:/);
    assert.match(text, /^- \[ \] Rollback tested/m);
  });

  it('prints the outage of recreate and its way back in the order of the steps', () => {
    const migrate = {
      up: command('npm run up'),
      down: command('npm run down'),
      compatible: false,
      lossless: false,
    };
    const release = { unit: 'U-41', version: '1.1.0', strategy: { kind: 'recreate' }, migrate } as const;
    const text = plan(worldWithStable(), release);
    assert.match(text, /\*\*Rollback Deadline:\*\* .* going back starts 1\.0\.0 again/);
    assert.doesNotMatch(text, /warm/);
    assert.match(text, /\*\*Outage:\*\* users see the maintenance page from step 2 to step \d+/);
    const back = text.split('### Rollback Steps')[1] ?? '';
    const order = ['maintenance page', 'npm run down', 'Start 1\\.0\\.0 again', 'Give all traffic'];
    for (const part of order) assert.match(back, new RegExp(part));
    assert.ok(back.indexOf('maintenance page') < back.indexOf('npm run down'));
    assert.ok(back.indexOf('npm run down') < back.indexOf('Give all traffic'));
  });

  it('prints a command exactly as it runs, over several lines too', () => {
    const migrate = {
      up: command('set -e\nnpm run `up` | tee log\n'),
      down: null,
      compatible: true,
      lossless: false,
    };
    const text = plan(worldWithStable(), { unit: 'U-41', version: '1.1.0', migrate });
    assert.ok(text.includes('   ```sh\n   set -e\n   npm run `up` | tee log\n   ```'));
  });

  it('ticks nothing that did not hold, and says what to do', () => {
    const world = worldWithStable();
    const release = { unit: 'U-41', version: '1.1.0' };
    const gates = goodGates(world.state, release).map(
      (gate): GateResult =>
        gate.gate === 'qa-approved'
          ? { ...gate, holds: false, observed: 'status: rejected', remedy: 'Ask QA.' }
          : gate,
    );
    const { target } = world.state;
    const text = blockedPlanText(gates, world.paperwork, { unit: parseUnitId('U-41'), target });
    assert.match(text, /^- \[ \] QA report approved: \[\[QA\/QA-Report-U-41\]\]/m);
    assert.match(text, /^ {2}- qa-approved blocks; required: status: approved\. Ask QA\.$/m);
    assert.match(text, /^- \[x\] Environment healthy/m);
    assert.doesNotMatch(text, /Deployment Steps/);
  });
});
