import type { Digest } from '../src/base/digest.ts';
import type { InstanceId, TargetId } from '../src/base/ids.ts';
import type { RouteTable } from '../src/base/route-table.ts';
import type { ControllerParts } from '../src/engine/controller-parts.ts';
import type { Journal, NewEvent } from '../src/journal/journal.ts';
import type { CommandRun } from '../src/ports/command/port.ts';
import type { InstanceObservation, InstanceSpec } from '../src/ports/runtime/port.ts';
import type { Life } from './life.ts';
import { worldMetrics } from './metrics.ts';
import type { World } from './world.ts';

/** The ports as one run of the controller meets them: late, failing, and silent once the run is over. */
export function faultyPorts(world: World, life: Life): ControllerParts {
  const { commands, qa, notifier, config, faults } = world;
  const parts = {
    stateDir: '/sim',
    clock: life,
    config: async () => config,
    journal: faultyJournal(world, life),
    artifacts: faultyArtifacts(world, life),
    runtime: faultyRuntime(world, life),
    traffic: faultyTraffic(world, life),
    commands: {
      run: (run: CommandRun) =>
        faults.call(life, 'command', run.id, () => {
          world.tell({ kind: 'command', run });
          return commands.run(run);
        }),
      cancel: (id: string) => commands.cancel(id),
      prune: (options: Parameters<typeof commands.prune>[0]) => commands.prune(options),
      close: async () => {},
    },
    metrics: worldMetrics(world, life),
    qa: {
      find: (unit: Parameters<typeof qa.find>[0]) => faults.call(life, 'qa', 'qa.find', () => qa.find(unit)),
    },
    notifier,
    saveFile: (path: string) => faults.call(life, 'artifacts', `save ${path}`, async () => {}),
    log: (line: string) => world.heard(life, line),
  };
  return parts;
}

/** An append is done or it is not; a crash, or a disk that is slow, full or fails, may come before it is known. */
function faultyJournal(world: World, life: Life): Journal {
  const { journal, strikes, faults, disk } = world;
  const append: Journal['append'] = async (stream, version, events, options = {}) => {
    const name = strikes.next(`append of ${names(events)}`);
    const random = strikes.random(name);
    await disk.before(life, random);
    const death = { random, chance: deathAt(world, events) };
    if (faults.dieAt(life, `the ${name}`, death)) return new Promise(() => {});
    await life.wait(random.between(0, 3));
    const result = await journal.append(stream, version, events, options);
    const fence = options.lease?.fence ?? 0;
    if (result.kind === 'appended')
      for (const event of result.events) world.tell({ kind: 'event', event, fence });
    if (faults.dieAt(life, `the answer to the ${name}`, death)) return new Promise(() => {});
    if (faults.tears(name, random)) disk.tear();
    await life.wait(random.between(0, 3));
    return result;
  };
  return new Proxy(journal, {
    get: (target, key) => {
      if (key === 'append') return append;
      const value = Reflect.get(target, key);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** How likely the controller dies at this append, and once more at its answer. Most of what is written are measurements. */
function deathAt({ faults, scenario }: World, events: readonly NewEvent[]): number {
  if (faults.share > 0 && events.some(({ type }) => type === scenario.diesAt)) return 0.15;
  return faults.share / (events.every(({ type }) => type === 'BatchRecorded') ? 8 : 2);
}

function names(events: readonly NewEvent[]): string {
  return events.map(({ type }) => type).join(', ');
}

function faultyArtifacts({ artifacts, faults }: World, life: Life): ControllerParts['artifacts'] {
  return {
    ...artifacts,
    list: (filter) => faults.call(life, 'artifacts', 'artifacts.list', () => artifacts.list(filter)),
    verify: (digest) => faults.call(life, 'artifacts', 'artifacts.verify', () => artifacts.verify(digest)),
    materialise: (digest: Digest, instance) =>
      faults.call(life, 'artifacts', `materialise ${instance}`, () =>
        artifacts.materialise(digest, instance),
      ),
    release: (instance) =>
      faults.call(life, 'artifacts', `release ${instance}`, () => artifacts.release(instance)),
  };
}

function faultyRuntime(world: World, life: Life): ControllerParts['runtime'] {
  const { runtime, faults } = world;
  return {
    ensure: (spec: InstanceSpec) =>
      faults.call(life, 'runtime', `ensure ${spec.id}`, () => {
        world.starts(spec);
        return runtime.ensure(spec);
      }),
    stop: (id: InstanceId, options) =>
      faults.call(life, 'runtime', `stop ${id}`, () => world.asksToStop(id, options)),
    list: () => faults.call(life, 'runtime', 'list', () => runtime.list()),
    watch: (listener: (observation: InstanceObservation) => void) => {
      const heard = (observation: InstanceObservation) => {
        life.after(0, () => listener(observation));
      };
      // The port promises each change, and everything again at least every five seconds.
      const again = () => {
        for (const observation of world.instances.values()) listener(observation);
        life.after(5_000, again);
      };
      life.after(5_000, again);
      return runtime.watch(heard);
    },
    logs: (id, options) => faults.call(life, 'runtime', `logs ${id}`, () => runtime.logs(id, options)),
    capacity: (count) => faults.call(life, 'runtime', 'capacity', () => runtime.capacity(count)),
    close: async () => {},
  };
}

function faultyTraffic(world: World, life: Life): ControllerParts['traffic'] {
  const { router } = world;
  const call = <T>(what: string, act: () => Promise<T>, options = {}) =>
    world.faults.call(life, 'traffic', `traffic.${what}`, router.connected(act), options);
  return {
    // A table that was sent is applied even if its sender died meanwhile.
    apply: (table: RouteTable) =>
      call(`apply ${table.version}`, () => router.apply(table), { outlives: true, againWithinMs: 300 }),
    applied: (target: TargetId) => call('applied', () => router.traffic.applied(target)),
    counts: async () => {
      const counts = await call('counts', () => router.counts());
      world.tell({ kind: 'counts', ...(counts.mirror && { mirror: counts.mirror }) });
      return counts;
    },
    drained: (target, instance, options) =>
      call(`drained ${instance}`, () => router.traffic.drained(target, instance, options)),
    remove: (target) => call('remove', () => router.traffic.remove(target)),
    onReconnect: (listener) => router.traffic.onReconnect(() => life.after(0, listener)),
    close: async () => {},
  };
}
