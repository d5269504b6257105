import assert from 'node:assert/strict';
import { onEachEngine, type RouterWorld } from '../ports/traffic/router-world.ts';

/** Asks `count` times, fifty at once, and gives the bodies. */
async function askMany(world: RouterWorld, count: number, headers: (i: number) => Record<string, string>) {
  const bodies: string[] = [];
  for (let from = 0; from < count; from += 50) {
    const some = Array.from({ length: Math.min(50, count - from) }, (_, i) =>
      world.get('/', { headers: headers(from + i) }),
    );
    bodies.push(...(await Promise.all(some)).map(({ body }) => body));
  }
  return bodies;
}

const share = (bodies: readonly string[], name: string) => bodies.filter((body) => body === name).length;

async function twoSides(world: RouterWorld) {
  const stable = [await world.backend('s1'), await world.backend('s2')];
  const candidate = [await world.backend('c', undefined, 'R-1')];
  return { stable, candidate };
}

onEachEngine('splits 1,000 requests by weight, and stable ones evenly', async (world) => {
  await world.apply({ ...(await twoSides(world)), candidateWeight: 2_500 });
  const bodies = await askMany(world, 1_000, () => ({}));
  // Six standard deviations of a binomial with n = 1,000 and p = 0.25.
  assert.ok(Math.abs(share(bodies, 'c') - 250) < 83, `${share(bodies, 'c')} of 1,000`);
  assert.ok(Math.abs(share(bodies, 's1') - share(bodies, 's2')) < 100);
  assert.equal((await world.counted('c'))?.requests, share(bodies, 'c'));
});

onEachEngine('gives a candidate of weight 0 nothing and one of 10,000 everything', async (world) => {
  const sides = await twoSides(world);
  await world.apply({ ...sides, candidateWeight: 0 });
  assert.equal(share(await askMany(world, 100, () => ({})), 'c'), 0);
  await world.apply({ ...sides, candidateWeight: 10_000 });
  assert.equal(share(await askMany(world, 100, () => ({})), 'c'), 100);
});

onEachEngine(
  'keeps each user on one side by a header, and moves users only towards a growing candidate',
  async (world) => {
    const sides = await twoSides(world);
    const affinity = { kind: 'header', name: 'X-User' } as const;
    const ask = () => askMany(world, 200, (i) => ({ 'x-user': `user-${i}` }));
    await world.apply({ ...sides, affinity, candidateWeight: 3_000 });
    const first = await ask();
    const again = await ask();
    const onCandidate = (bodies: readonly string[]) => bodies.map((body) => body === 'c');
    assert.deepEqual(onCandidate(again), onCandidate(first));
    await world.apply({ ...sides, affinity, candidateWeight: 6_000 });
    const grown = onCandidate(await ask());
    onCandidate(first).forEach((was, i) => {
      assert.ok(!was || grown[i], `user ${i} stays`);
    });
    assert.ok(grown.filter(Boolean).length > onCandidate(first).filter(Boolean).length);
  },
);

onEachEngine('keeps a user on one side by a cookie of its own', async (world) => {
  await world.apply({
    ...(await twoSides(world)),
    affinity: { kind: 'cookie', name: 'side' },
    candidateWeight: 5_000,
  });
  for (let user = 0; user < 10; user += 1) {
    const first = await world.get('/');
    const cookie = first.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
    assert.match(cookie, /^side=/);
    const later = await askMany(world, 10, () => ({ cookie: `other=1; ${cookie}` }));
    assert.equal(share(later, 'c'), first.body === 'c' ? 10 : 0);
    assert.equal((await world.get('/', { headers: { cookie } })).headers['set-cookie'], undefined);
  }
});

onEachEngine('sends who matches a rule to the candidate, and nobody else', async (world) => {
  await world.apply({
    ...(await twoSides(world)),
    match: [
      { header: { name: 'X-Beta', equals: 'yes' }, cookie: { name: 'group', matches: '^b' } },
      { header: { name: 'X-Tester' } },
    ],
  });
  const side = async (headers: Record<string, string>) => (await world.get('/', { headers })).body === 'c';
  assert.equal(await side({ 'x-beta': 'yes', cookie: 'group=beta' }), true);
  assert.equal(await side({ 'x-beta': 'yes' }), false);
  assert.equal(await side({ 'x-beta': 'yes', cookie: 'group=alpha' }), false);
  assert.equal(await side({ 'x-tester': '' }), true);
  assert.equal(await side({}), false);
});

onEachEngine('tells targets on one listener apart by host and by the longest path', async (world) => {
  const names = ['any', 'shop', 'api'] as const;
  const [any, shop, api] = await Promise.all(names.map((name) => world.backend(name)));
  const target = (name: string) => `${name}@production` as never;
  await world.apply({ target: target('any'), stable: any ? [any] : [] });
  await world.apply({ target: target('shop'), hosts: ['Shop.test'], stable: shop ? [shop] : [] });
  await world.apply({
    target: target('api'),
    hosts: ['shop.test'],
    pathPrefix: '/api',
    stable: api ? [api] : [],
  });
  const body = async (host: string, path: string) => (await world.get(path, { headers: { host } })).body;
  assert.equal(await body('other.test', '/api'), 'any');
  assert.equal(await body('SHOP.test:80', '/apis'), 'shop');
  assert.equal(await body('shop.test', '/api/1'), 'api');
  await world.traffic.remove(target('any'));
  assert.equal((await world.get('/', { headers: { host: 'other.test' } })).status, 404);
});
