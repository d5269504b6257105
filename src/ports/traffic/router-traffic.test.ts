import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { engineNames } from '../../router/create-engine.ts';
import type { EngineName } from '../../router/engine.ts';
import { type TrafficWorld, trafficContract } from './contract.ts';
import { RouterWorld } from './router-world.ts';

for (const engine of engineNames) trafficContract(`the router with the ${engine} engine`, () => open(engine));

async function open(engine: EngineName): Promise<TrafficWorld> {
  const world = await RouterWorld.open(undefined, engine);
  const held: ServerResponse[] = [];
  const names = ['a', 'b'];
  const backends = await Promise.all(
    names.map((name) =>
      world.backend(name, (_asked, response) => {
        held.push(response);
      }),
    ),
  );
  return {
    traffic: world.traffic,
    table: (over, named) => {
      const stable = backends.filter((backend) => named.includes(backend.instance));
      return world.table({ version: 1, ...over, stable });
    },
    async occupy(name) {
      const backend = backends[names.indexOf(name)];
      if (backend === undefined) throw new Error(`no backend ${name}`);
      const arrived = once(backend.server, 'request');
      const reply = world.get('/held');
      await arrived;
      reply.catch(() => {});
      return {
        async end() {
          for (const response of held) response.end('done');
          await reply;
        },
      };
    },
    takenAddress: async () => backends[0]?.address ?? '',
    goAway: () => world.stop(),
    comeBack: () => world.start(),
    close: () => world.close(),
  };
}
