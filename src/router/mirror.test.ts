import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { type Backend, fullWeight } from '../base/route-table.ts';
import { instance } from '../ports/traffic/router-world.ts';
import type { RequestHead } from './engine.ts';
import { Mirror } from './mirror.ts';
import type { CopiedRequest, CopyEnd } from './mirror-sender.ts';
import { TargetCounters } from './target-counters.ts';

const backend = (name: string, generation = 'R-1'): Backend => ({
  instance: instance(name),
  generation,
  address: `127.0.0.1:${name.length + 8_000}`,
});

const head = (over: Partial<RequestHead> = {}): RequestHead => ({
  method: 'GET',
  path: '/',
  host: 'x.test',
  headers: {},
  remoteAddress: '127.0.0.1',
  headBytes: 100,
  bodyBytes: 0,
  upgrade: false,
  asksVersion: false,
  fieldsFor: () => ['Host', 'x.test'],
  ...over,
});

/** A mirror whose copies end as the test says. */
function mirror({ share = fullWeight, random = Math.random, isFull = false } = {}) {
  const sent: { request: CopiedRequest; end: CopyEnd }[] = [];
  const counters = new TargetCounters();
  const sender = {
    isFull,
    send: (request: CopiedRequest, end: CopyEnd) => {
      sent.push({ request, end });
      return () => {};
    },
  };
  const tools = { sender, counters, random, headMs: 1_000 };
  const made = new Mirror({ backends: [backend('a'), backend('bb')], share }, tools);
  const counts = () => counters.read({ epoch: 'e', at: 0, inFlight: () => 0 }).mirror?.[0];
  return { made, sent, counters, counts };
}

/** Marsaglia's xorshift of 32 bits, 0 … 1. */
function seeded(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

it('copies the share that the table gives, and not a request in a row', () => {
  for (const share of [1, 100, 2_500, 9_999]) {
    const { made, sent } = mirror({ share, random: seeded(share) });
    const asked = 200_000;
    for (let i = 0; i < asked; i += 1) made.copy(head());
    const p = share / fullWeight;
    // Five standard deviations of a binomial.
    const bound = 5 * Math.sqrt(asked * p * (1 - p));
    assert.ok(Math.abs(sent.length - asked * p) <= bound, `${sent.length} of ${asked} at ${share}`);
  }
});

it('copies all of the share of 10,000, whatever chance says, and each only to one instance', () => {
  const { made, sent } = mirror({ random: () => 1 - 2 ** -53 });
  for (let i = 0; i < 10; i += 1) assert.ok(made.copy(head()));
  assert.equal(sent.length, 10);
  assert.equal(new Set(sent.map(({ request }) => request.address)).size, 2);
});

it('copies exactly what is safe, has no body and is no upgrade', () => {
  const methods = ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'get', 'PROPFIND'];
  fc.assert(
    fc.property(
      fc.constantFrom(...methods),
      fc.constantFrom(0, 1, 1_000, null),
      fc.boolean(),
      (method, bodyBytes, upgrade) => {
        const { made, sent } = mirror();
        made.copy(head({ method, bodyBytes, upgrade }));
        const expected = ['GET', 'HEAD', 'OPTIONS'].includes(method) && bodyBytes === 0 && !upgrade;
        assert.equal(sent.length, expected ? 1 : 0);
      },
    ),
  );
});

it('marks copies behind all other fields', () => {
  const { made, sent } = mirror();
  made.copy(head());
  assert.deepEqual(sent[0]?.request.headers, ['Host', 'x.test', 'Sluice-Mirror', 'true']);
});

it('counts as skipped what cannot be sent, and has no pair of it', () => {
  const full = mirror({ isFull: true });
  assert.equal(full.made.copy(head()), null);
  assert.equal(full.counts()?.skipped, 1);
  const refused = mirror();
  refused.made.copy(head())?.original({ status: 200, latencyMs: 1 });
  refused.sent[0]?.end(null, false);
  const { skipped, candidate, routes } = refused.counts() ?? {};
  assert.deepEqual([skipped, candidate?.requests, routes], [1, 0, []]);
});

it('counts a pair whichever of the two has its answer first', () => {
  const ok = { status: 200, latencyMs: 1 };
  for (const userFirst of [true, false]) {
    const { made, sent, counts } = mirror();
    const pair = made.copy(head());
    if (userFirst) pair?.original(ok);
    sent[0]?.end({ status: null, latencyMs: null }, false);
    if (!userFirst) pair?.original(ok);
    assert.deepEqual(counts()?.routes, [
      {
        route: 'GET /',
        requests: 1,
        differences: [{ stable: '200', candidate: 'error', requests: 1 }],
        stableLatency: [[27, 1]],
        candidateLatency: [],
      },
    ]);
  }
});
