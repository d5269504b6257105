import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { it, type TestContext } from 'node:test';
import type { RouteTable } from '../base/route-table.ts';
import { RouterWorld } from '../ports/traffic/router-world.ts';

const has =
  (version: string, file: string): RequestListener =>
  ({ url }, response) => {
    if (url === '/' || url === file) response.end(`${version} ${url}`);
    else response.writeHead(404).end(`${version} does not have it`);
  };

/** Stable has `/assets/old.js`, the candidate `/assets/new.js`. */
async function pages(
  test: TestContext,
  over: Partial<RouteTable> = {},
  candidate = has('new', '/assets/new.js'),
) {
  const world = await RouterWorld.open(test);
  const s = await world.backend('s', has('old', '/assets/old.js'));
  const c = await world.backend('c', candidate, 'R-1');
  const apply = (candidateWeight: number) =>
    world.apply({ stable: [s], candidate: [c], candidateWeight, assets: ['/assets/', 'hashed'], ...over });
  return { world, s, c, apply };
}

it('finds the file of either version, whichever is asked, and counts the 404 where it was', async (test) => {
  const { world, apply } = await pages(test);
  await apply(10_000);
  assert.equal((await world.get('/assets/old.js')).body, 'old /assets/old.js');
  await apply(1);
  assert.equal((await world.get('/assets/new.js?v=1')).status, 404);
  assert.equal((await world.get('/assets/new.js')).body, 'new /assets/new.js');
  const [s, c] = [await world.counted('s'), await world.counted('c')];
  assert.deepEqual([s?.requests, s?.clientErrors, s?.bad], [2, 2, 0]);
  assert.deepEqual([c?.requests, c?.clientErrors, c?.bad, c?.shielded], [1, 1, 0, 0]);
});

it('asks once, and gives the second 404 when neither has it', async (test) => {
  const { world, apply, s, c } = await pages(test);
  await apply(10_000);
  const reply = await world.get('/assets/none.js');
  assert.deepEqual([reply.status, reply.body], [404, 'old does not have it']);
  assert.deepEqual([s.seen.length, c.seen.length], [1, 1]);
});

it('leaves other paths, other methods and other tables alone', async (test) => {
  const { world, apply, s, c } = await pages(test);
  await apply(10_000);
  assert.equal((await world.get('/orders/1')).body, 'new does not have it');
  assert.equal((await world.get('/assets/old.js', { method: 'POST' }, 'x')).status, 404);
  await world.apply({ stable: [s], candidate: [c], candidateWeight: 10_000 });
  assert.equal((await world.get('/assets/old.js')).status, 404);
  assert.equal(s.seen.length, 0);
});

it('shows nobody a candidate that is not open yet', async (test) => {
  const { world, apply, c } = await pages(test);
  await apply(0);
  assert.equal((await world.get('/assets/new.js')).status, 404);
  assert.equal(c.seen.length, 0);
});

it('says that there is nothing when the other version fails over it', async (test) => {
  for (const fail of [
    (_asked, response) => void response.writeHead(500).end('broken'),
    (asked) => void asked.socket.destroy(),
  ] satisfies RequestListener[]) {
    const { world, apply } = await pages(test, { shield: { budgetPercent: 20 } }, fail);
    await apply(1);
    assert.equal((await world.get('/assets/new.js')).status, 404);
    assert.equal((await world.counted('c'))?.bad, 0);
  }
});
