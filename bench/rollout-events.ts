import type { NewEvent } from '../src/journal/journal.ts';
import { MemoryWorld } from '../src/report/memory-world.ts';

/** At least `wanted` events of one target, as its stream holds them: whole rollouts one after the other, the last one ended. */
export function rolloutEvents(wanted: number): readonly NewEvent[] {
  const world = new MemoryWorld();
  for (let release = 1; world.events.length < wanted; release += 1) {
    world.deploy({ unit: `U-${release}`, version: `1.0.${release}` });
  }
  return eventsOf(world);
}

/** The events of so many rollouts of one target, all ended, without what was measured. */
export function finishedRollouts(rollouts: number): readonly NewEvent[] {
  const world = new MemoryWorld();
  for (let release = 1; release <= rollouts; release += 1) {
    world.deploy({ unit: `U-${release}`, version: `1.0.${release}` });
  }
  return eventsOf(world).filter(({ type }) => type !== 'BatchRecorded');
}

function eventsOf(world: MemoryWorld): readonly NewEvent[] {
  return world.events.map(({ type, when, actor, sequence: _, ...data }) => ({ type, data, at: when, actor }));
}
