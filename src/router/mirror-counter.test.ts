import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import type { MirrorCounts } from '../base/counts.ts';
import { MirrorCounter } from './mirror-counter.ts';
import { type CountsReport, TargetCounters } from './target-counters.ts';

const reading = (counters: TargetCounters): CountsReport =>
  counters.report(counters.read({ epoch: 'e', at: 0, inFlight: () => 0 }));
const ok = { status: 200, latencyMs: 1 };

it('names twenty differences of a route and the rest together', () => {
  const counter = new MirrorCounter('R-1');
  for (const turn of [1, 2])
    for (let status = 400; status < 430; status += 1)
      for (let i = 0; i < turn; i += 1) counter.pair('GET /', ok, { status, latencyMs: 1 });
  counter.pair('GET /', ok, ok);
  counter.copied(ok, true);
  const [route] = counter.read()?.routes ?? [];
  assert.equal(route?.requests, 91);
  assert.equal(route?.differences.length, 21);
  assert.deepEqual(route?.differences.at(-1), { stable: 'other', candidate: 'other', requests: 30 });
  assert.ok(route?.differences.slice(0, 20).every(({ requests }) => requests === 3));
});

/** Of few statuses, so that no route has more differences than are kept. */
const seen = fc.record({
  status: fc.constantFrom(null, 200, 404, 500),
  latencyMs: fc.oneof(fc.constant(null), fc.double({ min: 0, max: 100_000, noNaN: true })),
});
const event = fc.oneof(
  fc.record({ what: fc.constant('pair' as const), route: fc.nat(5), stable: seen, candidate: seen }),
  fc.record({ what: fc.constant('copied' as const), candidate: seen, whole: fc.boolean() }),
  fc.record({ what: fc.constant('stable' as const), bad: fc.boolean() }),
  fc.record({ what: fc.constant('skip' as const) }),
);

type Told = typeof event extends fc.Arbitrary<infer One> ? One : never;

function tell(counters: TargetCounters, told: Told): void {
  const counter = counters.mirror('R-1');
  if (told.what === 'pair')
    counter?.pair(
      counters.route({ method: 'GET', path: `/${'x'.repeat(told.route)}` }),
      told.stable,
      told.candidate,
    );
  else if (told.what === 'copied') counter?.copied(told.candidate, told.whole);
  else if (told.what === 'stable') counter?.stableHad(told.bad);
  else counter?.skip();
}

/** In an order that does not depend on who counted first. */
function sorted(counts: MirrorCounts | undefined): unknown {
  const differences = (one: MirrorCounts['routes'][number]) =>
    one.differences.toSorted((a, b) => (a.stable + a.candidate < b.stable + b.candidate ? -1 : 1));
  const routes = counts?.routes.map((one) => ({ ...one, differences: differences(one) }));
  return counts && { ...counts, routes: routes?.toSorted((a, b) => (a.route < b.route ? -1 : 1)) };
}

it('counts the same whether one router counted or two, one after the other and side by side', () => {
  const events = fc.array(event, { maxLength: 30 });
  fc.assert(
    fc.property(events, events, events, (before, elder, own) => {
      const [alone, old, young] = [new TargetCounters(), new TargetCounters(), new TargetCounters()];
      for (const one of [...before, ...elder, ...own]) tell(alone, one);
      for (const one of before) tell(old, one);
      const first = reading(old);
      young.absorb(first, undefined);
      for (const one of own) tell(young, one);
      for (const one of elder) tell(old, one);
      const second = reading(old);
      young.absorb(second, first);
      young.absorb(second, second);
      assert.deepEqual(sorted(reading(young).counts.mirror?.[0]), sorted(reading(alone).counts.mirror?.[0]));
    }),
  );
});

it('keeps what it counted for eight generations, and counts nothing for older ones', () => {
  const counters = new TargetCounters();
  for (let i = 0; i < 8; i += 1) counters.mirror(`R-${i}`)?.copied(ok, true);
  assert.equal(reading(counters).counts.mirror?.length, 8);
  counters.mirror('R-8')?.skip();
  const kept = reading(counters).counts.mirror?.map(({ generation }) => generation);
  assert.deepEqual([kept?.length, kept?.[0]], [8, 'R-1']);
  assert.equal(counters.mirror('R-0'), null);
});

it('says nothing of generations that got no copies', () => {
  const counters = new TargetCounters();
  counters.mirror('R-1');
  assert.equal('mirror' in reading(counters).counts, false);
});
