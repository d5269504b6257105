import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RouteTable } from '../../base/route-table.ts';
import type { Traffic } from './port.ts';
import { instance, web } from './router-world.ts';

/** A traffic port, tables for it, and a hand on what is behind it. */
export interface TrafficWorld {
  readonly traffic: Traffic;
  /** A table of `web@production` that names the instances `named` as stable. */
  table(over: Partial<RouteTable>, named: readonly string[]): RouteTable;
  /** A request reaches the instance, which the table in force names, and stays there until `end`. */
  occupy(name: string): Promise<{ end(): Promise<void> }>;
  /** A listen address that cannot be opened. */
  takenAddress(): Promise<string>;
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
  close(): Promise<void>;
}

const stale = { code: 'route-table-stale' };

/** What everything that carries traffic does. */
export function trafficContract(name: string, open: () => Promise<TrafficWorld>): void {
  const inWorld = (title: string, run: (world: TrafficWorld) => Promise<void>) =>
    it(title, async () => {
      const world = await open();
      try {
        await run(world);
      } finally {
        await world.close();
      }
    });

  describe(`${name} as traffic`, () => {
    inWorld(
      'knows nothing of a target before its first table, and says what is in force after it',
      async (world) => {
        assert.equal(await world.traffic.applied(web), null);
        const table = world.table({ fence: 3, version: 7 }, ['a']);
        assert.deepEqual(await world.traffic.apply(table), { fence: 3, version: 7 });
        assert.deepEqual(await world.traffic.applied(web), { fence: 3, version: 7 });
      },
    );

    inWorld(
      'acknowledges the same table again, and refuses older ones and another one of the same version',
      async (world) => {
        const { traffic, table } = world;
        await traffic.apply(table({ fence: 3, version: 7 }, ['a']));
        assert.deepEqual(await traffic.apply(table({ fence: 3, version: 7 }, ['a'])), {
          fence: 3,
          version: 7,
        });
        await assert.rejects(traffic.apply(table({ fence: 3, version: 7, mode: 'pause' }, ['a'])), stale);
        await assert.rejects(traffic.apply(table({ fence: 3, version: 6 }, ['a'])), stale);
        await assert.rejects(traffic.apply(table({ fence: 2, version: 99 }, ['a'])), stale);
        assert.deepEqual(await traffic.applied(web), { fence: 3, version: 7 });
        assert.deepEqual(await traffic.apply(table({ fence: 4, version: 1 }, ['a'])), {
          fence: 4,
          version: 1,
        });
      },
    );

    inWorld(
      'refuses a malformed table and an address that cannot be opened, and keeps what is in force',
      async (world) => {
        const { traffic, table } = world;
        await traffic.apply(table({ version: 1 }, ['a']));
        await assert.rejects(traffic.apply(table({ version: 2, candidateWeight: 10_001 }, ['a'])), {
          code: 'route-table-malformed',
        });
        const listen = await world.takenAddress();
        await assert.rejects(traffic.apply(table({ version: 2, listen }, ['a'])), { code: 'listen-failed' });
        assert.deepEqual(await traffic.applied(web), { fence: 1, version: 1 });
      },
    );

    inWorld('does not drain an instance that the table names', async ({ traffic, table }) => {
      await traffic.apply(table({}, ['a']));
      await assert.rejects(traffic.drained(web, instance('a'), { deadlineMs: 10 }), {
        code: 'instance-still-routed',
      });
    });

    inWorld('tells of a drained instance when its last request has ended', async (world) => {
      const { traffic, table } = world;
      await traffic.apply(table({ version: 1 }, ['a']));
      const held = await world.occupy('a');
      await traffic.apply(table({ version: 2 }, ['b']));
      const drained = traffic.drained(web, instance('a'), { deadlineMs: 20_000 });
      await held.end();
      assert.deepEqual(await drained, { cutOff: 0 });
      assert.deepEqual(await traffic.drained(web, instance('never'), { deadlineMs: 0 }), { cutOff: 0 });
    });

    inWorld('cuts off what is in flight at the drain deadline, and says how many', async (world) => {
      const { traffic, table } = world;
      await traffic.apply(table({ version: 1 }, ['a']));
      await world.occupy('a');
      await traffic.apply(table({ version: 2 }, ['b']));
      assert.deepEqual(await traffic.drained(web, instance('a'), { deadlineMs: 20 }), { cutOff: 1 });
    });

    inWorld('forgets a removed target, twice too', async ({ traffic, table }) => {
      await traffic.apply(table({ fence: 9 }, ['a']));
      await traffic.remove(web);
      await traffic.remove(web);
      assert.equal(await traffic.applied(web), null);
      await traffic.apply(table({ fence: 1 }, ['a']));
    });

    inWorld(
      'rejects while the router is away; tells when it is back, with its tables and a new epoch',
      async (world) => {
        const { traffic, table } = world;
        await traffic.apply(table({ fence: 2, version: 5 }, ['a']));
        const before = await traffic.counts(web);
        await world.goAway();
        await assert.rejects(traffic.applied(web), { code: 'router-unreachable' });
        await assert.rejects(traffic.apply(table({ version: 6 }, ['a'])), { code: 'router-unreachable' });
        const back = new Promise<void>((resolve) => traffic.onReconnect(resolve));
        await world.comeBack();
        await back;
        assert.deepEqual(await traffic.applied(web), { fence: 2, version: 5 });
        const after = await traffic.counts(web);
        assert.notEqual(after.epoch, before.epoch);
        assert.equal((await traffic.counts(web)).epoch, after.epoch);
      },
    );
  });
}
