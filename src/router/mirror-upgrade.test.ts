import assert from 'node:assert/strict';
import type { Backend } from '../base/route-table.ts';
import { ask, eventually, plainTable, target, web } from '../ports/traffic/router-world.ts';
import { isGone, upgradesOnEachEngine } from '../ports/traffic/upgrade-world.ts';

const plain = ({ instance, generation, address }: Backend) => ({ instance, generation, address });

upgradesOnEachEngine(
  'goes on copying and counting over two upgrades',
  async ({ world, traffic, listen, upgrade, pid }) => {
    const pids = [pid];
    const [s, c] = [await world.backend('s'), await world.backend('c', undefined, 'R-1')];
    const mirror = { backends: [plain(c)], share: 10_000 };
    await traffic.apply({ ...plainTable(listen), stable: [plain(s)], mirror });
    for (let round = 1; round <= 3; round += 1) {
      for (let i = 0; i < 10; i += 1) {
        const { body } = await ask({ ...target(listen), path: `/${i}`, agent: false });
        assert.equal(body, 's');
      }
      const counted = async () => (await traffic.counts(web)).mirror?.[0];
      await eventually(async () => (await counted())?.candidate.requests === 10 * round);
      const { generation, candidate, stable, skipped, routes } = (await counted()) ?? {};
      const requests = 10 * round;
      assert.deepEqual(
        [generation, candidate, stable, skipped],
        ['R-1', { requests, bad: 0 }, { requests, bad: 0 }, 0],
      );
      assert.deepEqual(
        routes?.map((one) => [one.route, one.requests]),
        [['GET /:n', requests]],
      );
      assert.equal(c.seen.length, requests);
      if (round < 3) pids.push(await upgrade());
    }
    for (const old of pids.slice(0, -1)) await eventually(() => isGone(old));
  },
);
