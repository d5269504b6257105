import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import type { RouteTable } from '../base/route-table.ts';
import { onEachEngine, type RouterWorld } from '../ports/traffic/router-world.ts';

const has =
  (version: string, file: string): RequestListener =>
  ({ url }, response) => {
    if (url === '/' || url === file) response.end(`${version} ${url}`);
    else response.writeHead(404).end(`${version} does not have it`);
  };

/** Stable has `/assets/old.js`, the candidate `/assets/new.js`. */
async function pages(
  world: RouterWorld,
  over: Partial<RouteTable> = {},
  candidate = has('new', '/assets/new.js'),
) {
  const s = await world.backend('s', has('old', '/assets/old.js'));
  const c = await world.backend('c', candidate, 'R-1');
  const apply = (candidateWeight: number) =>
    world.apply({ stable: [s], candidate: [c], candidateWeight, assets: ['/assets/', 'hashed'], ...over });
  return { s, c, apply };
}

onEachEngine(
  'finds the file of either version, whichever is asked, and counts the 404 where it was',
  async (world) => {
    const { apply } = await pages(world);
    await apply(10_000);
    assert.equal((await world.get('/assets/old.js')).body, 'old /assets/old.js');
    await apply(1);
    assert.equal((await world.get('/assets/new.js?v=1')).status, 404);
    assert.equal((await world.get('/assets/new.js')).body, 'new /assets/new.js');
    const [s, c] = [await world.counted('s'), await world.counted('c')];
    assert.deepEqual([s?.requests, s?.clientErrors, s?.bad], [2, 2, 0]);
    assert.deepEqual([c?.requests, c?.clientErrors, c?.bad, c?.shielded], [1, 1, 0, 0]);
  },
);

onEachEngine('asks once, and gives the second 404 when neither has it', async (world) => {
  const { apply, s, c } = await pages(world);
  await apply(10_000);
  const reply = await world.get('/assets/none.js');
  assert.deepEqual([reply.status, reply.body], [404, 'old does not have it']);
  assert.deepEqual([s.seen.length, c.seen.length], [1, 1]);
});

onEachEngine('leaves other paths, other methods and other tables alone', async (world) => {
  const { apply, s, c } = await pages(world);
  await apply(10_000);
  assert.equal((await world.get('/orders/1')).body, 'new does not have it');
  assert.equal((await world.get('/assets/old.js', { method: 'POST' }, 'x')).status, 404);
  await world.apply({ stable: [s], candidate: [c], candidateWeight: 10_000 });
  assert.equal((await world.get('/assets/old.js')).status, 404);
  assert.equal(s.seen.length, 0);
});

onEachEngine('shows nobody a candidate that is not open yet', async (world) => {
  const { apply, c } = await pages(world);
  await apply(0);
  assert.equal((await world.get('/assets/new.js')).status, 404);
  assert.equal(c.seen.length, 0);
});

onEachEngine('says that there is nothing when the other version fails over it', async (world) => {
  for (const fail of [
    (_asked, response) => void response.writeHead(500).end('broken'),
    (asked) => void asked.socket.destroy(),
  ] satisfies RequestListener[]) {
    const { apply } = await pages(world, { shield: { budgetPercent: 20 } }, fail);
    await apply(1);
    assert.equal((await world.get('/assets/new.js')).status, 404);
    assert.equal((await world.counted('c'))?.bad, 0);
  }
});
