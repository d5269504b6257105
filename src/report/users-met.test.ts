import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { usersMet, usersMetText } from './users-met.ts';

const arm = (requests: number, bad: number, shielded?: number) => ({
  requests,
  bad,
  clientErrors: 0,
  latency: [],
  abandoned: [],
  ...(shielded !== undefined && { shielded }),
});

it('tells served, shielded and harmed users apart', () => {
  assert.deepEqual(usersMet(arm(170, 5, 4)), { requests: 170, served: 165, shielded: 4, harmed: 1 });
  assert.deepEqual(usersMet(arm(170, 5)), { requests: 170, served: 165, shielded: 0, harmed: 5 });
  assert.equal(
    usersMetText(arm(170, 5, 4)),
    '170 requests, of them 165 served, 4 shielded, 1 harmed (0.59 %)',
  );
  assert.equal(usersMetText(arm(0, 0)), 'no requests yet');
});

it('gives every request exactly one of the three', () => {
  fc.assert(
    fc.property(fc.nat(1000), fc.nat(1000), fc.integer({ min: -5, max: 1000 }), (requests, bad, shielded) => {
      const met = usersMet(arm(requests, Math.min(bad, requests), shielded));
      assert.equal(met.served + met.shielded + met.harmed, requests);
      assert.ok(Math.min(met.served, met.shielded, met.harmed) >= 0);
    }),
  );
});
