import type { Measurement, Metrics } from '../src/ports/metrics/port.ts';
import type { Life } from './life.ts';
import type { World } from './world.ts';

/** Orders per interval. */
const usual = 10;

/** The shop's own figures, as far as they can be trusted. They are honest once everything is healed. */
export function worldMetrics(world: World, life: Life): Metrics {
  return {
    async measure(_, { env, at, maxAgeMs }): Promise<Measurement> {
      const arm = env.SLUICE_ARM === 'candidate' ? 'candidate' : 'stable';
      const name = world.strikes.next(`orders of ${arm}`);
      const random = world.strikes.random(name);
      await life.wait(random.between(1, 50));
      const drawn = world.faults.share > 0 ? world.scenario.source : 'honest';
      const source = drawn !== 'honest' && world.strikes.happens(`${drawn} ${name}`) ? drawn : 'honest';
      if (source !== 'honest') world.count(`metrics ${source}`);
      if (source === 'missing') return { kind: 'error', reason: 'the shop does not answer' };
      if (source === 'stale')
        return { kind: 'stale', reason: 'of an hour ago', measuredAt: at - maxAgeMs - 3_600_000 };
      world.tell({ kind: 'measured', arm });
      // A source that lies says of a release that fails its users what it says of every other one.
      const fails = arm === 'candidate' && source === 'honest' && world.fails(env.SLUICE_VERSION ?? '');
      return { kind: 'value', value: (fails ? usual / 2 : usual) + random.between(-1, 1), measuredAt: at };
    },
  };
}
