import type { Measurement, Metrics } from '../src/ports/metrics/port.ts';
import type { Life } from './life.ts';
import type { World } from './world.ts';

/** What a source of measurements outside the router is worth. */
export type Source = 'honest' | 'missing' | 'stale' | 'lying';

/** Orders per interval. */
const usual = 10;

/** The shop's own figures, as far as they can be trusted. */
export function worldMetrics(world: World, life: Life): Metrics {
  return {
    async measure(_, { env, at, maxAgeMs }): Promise<Measurement> {
      const arm = env.SLUICE_ARM === 'candidate' ? 'candidate' : 'stable';
      const random = world.strikes.random(world.strikes.next(`orders of ${arm}`));
      await life.wait(random.between(1, 50));
      const { source } = world;
      if (source !== 'honest') world.count(`metrics ${source}`);
      if (source === 'missing') return { kind: 'error', reason: 'the shop does not answer' };
      if (source === 'stale')
        return { kind: 'stale', reason: 'of an hour ago', measuredAt: at - maxAgeMs - 3_600_000 };
      world.tell({ kind: 'measured', arm });
      // A source that lies says of a release that fails its users what it says of every other one.
      const fails = arm === 'candidate' && source === 'honest' && world.fails(env.SLUICE_VERSION ?? '');
      const value = (fails ? usual / 2 : usual) + random.between(-10, 10) / 100;
      return { kind: 'value', value, measuredAt: at };
    },
  };
}
