import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { CommandSpec } from '../base/command-spec.ts';
import { compileBackSteps, compileSteps, type StepsInput } from './compile-steps.ts';
import type { PlanStep } from './plan.ts';
import type { Strategy } from './strategy.ts';

const shell = (run: string): CommandSpec => ({ run, timeoutMs: 60_000, env: {} });

const canary: Strategy = {
  kind: 'canary',
  holdbackPercent: 5,
  steps: [
    { type: 'setWeight', weightPercent: 5 },
    { type: 'analyze', bakeMs: 60_000, deadlineMs: 600_000 },
    { type: 'setWeight', weightPercent: 50 },
    { type: 'pause', durationMs: null },
  ],
};

const strategies: readonly Strategy[] = [
  canary,
  { kind: 'blue-green', steps: [] },
  { kind: 'rolling', batch: 1, bakeMs: 5_000 },
  {
    kind: 'ab',
    match: [],
    weightPercent: 50,
    affinity: { kind: 'none' },
    durationMs: 60_000,
    goal: 'errors',
  },
  { kind: 'recreate' },
];

const input = (changes: Partial<StepsInput> = {}): StepsInput => ({
  strategy: canary,
  replicas: 4,
  hasStable: true,
  smoke: shell('node smoke.js'),
  stableSmoke: shell('node smoke.js'),
  migrate: null,
  integrity: null,
  approvals: [],
  soakMs: 60_000,
  restoreWithinMs: 300_000,
  ...changes,
});

const picture = (steps: readonly PlanStep[]): string => steps.map(word).join(' ');

function word(step: PlanStep): string {
  if (step.type === 'setWeight') return `${step.weightPercent}%/${step.replicas}`;
  if (step.type === 'start') return `start/${step.replicas}`;
  if (step.type === 'command') return step.role;
  if (step.type === 'retire') return `retire-${step.arm}`;
  if (step.type === 'maintenance') return step.on ? 'page-on' : 'page-off';
  return step.type;
}

describe('the steps of a strategy', () => {
  const rows: readonly (readonly [string, Partial<StepsInput>, string])[] = [
    ['canary', {}, 'start/1 smoke 5%/1 analyze start/2 50%/2 pause start/4 95%/4 soak 100%/4 promote'],
    ['blue-green', { strategy: { kind: 'blue-green', steps: [] } }, 'start/4 smoke 100%/4 soak promote'],
    [
      'rolling',
      { strategy: { kind: 'rolling', batch: 2, bakeMs: 1 }, replicas: 5 },
      'start/2 smoke 40%/2 soak start/4 80%/4 soak start/5 100%/5 soak promote',
    ],
    [
      'recreate',
      { strategy: { kind: 'recreate' } },
      'page-on retire-stable start/4 smoke 100%/4 page-off soak promote',
    ],
    ['a first release', { hasStable: false }, 'start/4 smoke 100%/4 soak promote'],
    [
      'approvals',
      { approvals: ['release-manager'], strategy: { kind: 'blue-green', steps: [] } },
      'approve start/4 smoke 100%/4 soak promote',
    ],
  ];
  for (const [name, changes, expected] of rows) {
    it(`of ${name}: ${expected}`, () => assert.equal(picture(compileSteps(input(changes))), expected));
  }

  it('migrate before the candidate starts, with a look at the data on both sides', () => {
    const migrate = { up: shell('up'), down: shell('down'), compatible: true, lossless: true };
    const steps = compileSteps(
      input({ migrate, integrity: shell('check'), strategy: { kind: 'blue-green', steps: [] } }),
    );
    assert.match(
      picture(steps),
      /^integrity-before migrate-up integrity-after verify-stable smoke-stable start/,
    );
  });
});

describe('the steps back', () => {
  it('restore traffic first wherever stable was kept', () => {
    assert.equal(picture(compileBackSteps(input())), 'restore preserve retire-candidate verify-restored');
  });

  it('follow the written order where stable had to stop', () => {
    const migrate = { up: shell('up'), down: shell('down'), compatible: false, lossless: false };
    assert.equal(
      picture(compileBackSteps(input({ strategy: { kind: 'recreate' }, migrate }))),
      'page-on preserve retire-candidate place migrate-down restart-stable restore verify-restored',
    );
  });

  it('never run a migration down by themselves that loses data', () => {
    const migrate = { up: shell('up'), down: shell('down'), compatible: true, lossless: false };
    assert.doesNotMatch(picture(compileBackSteps(input({ migrate }))), /migrate-down/);
  });
});

describe('for every strategy and size', () => {
  const any = fc.record({
    strategy: fc.constantFrom(...strategies),
    replicas: fc.integer({ min: 1, max: 50 }),
    hasStable: fc.boolean(),
  });

  it('weights never fall, all traffic is reached, and promotion is last', () => {
    fc.assert(
      fc.property(any, (changes) => {
        const steps = compileSteps(input(changes));
        const weights = steps.filter((step) => step.type === 'setWeight').map((step) => step.weightPercent);
        assert.deepEqual(
          weights,
          [...weights].sort((a, b) => a - b),
        );
        assert.equal(weights.at(-1), 100);
        assert.equal(steps.at(-1)?.type, 'promote');
      }),
    );
  });

  it('no weight asks for more instances than the environment has, and each has at least one', () => {
    fc.assert(
      fc.property(any, (changes) => {
        for (const step of compileSteps(input(changes))) {
          if (step.type !== 'setWeight') continue;
          assert.ok(step.replicas >= 1 && step.replicas <= changes.replicas);
        }
      }),
    );
  });
});
