import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { ShieldBudget } from './shield-budget.ts';

it('shields every one of the first 49 requests, and then a share of the window', () => {
  const budget = new ShieldBudget();
  const shielded = Array.from({ length: 400 }, (_, i) => {
    budget.saw(i);
    return budget.take(i, 20);
  });
  assert.equal(shielded.slice(0, 49).filter(Boolean).length, 49);
  assert.equal(shielded.slice(49, 240).filter(Boolean).length, 0);
  assert.equal(shielded.filter(Boolean).length, 80);
});

it('forgets what is ten seconds old', () => {
  const budget = new ShieldBudget();
  for (let i = 0; i < 100; i += 1) budget.saw(1_000);
  for (let i = 0; i < 20; i += 1) assert.ok(budget.take(1_000, 20));
  assert.ok(!budget.take(1_000, 20));
  assert.ok(!budget.take(10_900, 20));
  assert.ok(budget.take(11_100, 20));
});

it('never lets more than the share through in any ten seconds, whatever comes when', () => {
  const step = fc.record({
    waitMs: fc.integer({ min: 0, max: 900 }),
    requests: fc.nat(40),
    failing: fc.nat(40),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), fc.integer({ min: 0, max: 100 }), (steps, percent) => {
      const budget = new ShieldBudget();
      const seen: number[] = [];
      const shielded: number[] = [];
      let now = 0;
      for (const { waitMs, requests, failing } of steps) {
        now += waitMs;
        for (let i = 0; i < requests; i += 1) {
          budget.saw(now);
          seen.push(now);
        }
        for (let i = 0; i < Math.min(failing, requests); i += 1) {
          // The window begins with a whole slot, at most a quarter of a second late.
          const from = (Math.floor(now / 250) - 39) * 250;
          const inWindow = (at: number) => at >= from;
          const allowed = (seen.filter(inWindow).length * percent) / 100;
          const took = budget.take(now, percent);
          const isBounded = seen.filter(inWindow).length >= 50;
          assert.equal(took, !isBounded || shielded.filter(inWindow).length + 1 <= allowed);
          if (took) shielded.push(now);
        }
      }
    }),
    { numRuns: 60 },
  );
});
