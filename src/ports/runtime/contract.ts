import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { digestOfBytes } from '../../base/digest.ts';
import { type InstanceId, parseServiceName } from '../../base/ids.ts';
import type { ServiceRun } from '../../base/service-run.ts';
import type { InstanceObservation, InstanceSpec, Runtime } from './port.ts';
import type { RestartPolicy } from './restart-policy.ts';

export type Program = 'serves' | 'exits' | 'hangs';

export interface RuntimeWorld {
  readonly runtime: Runtime;
  /** Where instances run. */
  readonly directory: string;
  /** The start command of such a program. */
  command(program: Program): string;
  /** Ends the process of an instance from outside. */
  kill(seen: InstanceObservation): void;
  close(): Promise<void>;
}

export const quickRestarts: RestartPolicy = {
  firstBackoffMs: 5,
  longestBackoffMs: 20,
  deathsToLoop: 3,
  calmMs: 60_000,
};

/** A release with that start command, probed quickly. */
export function specOf(
  start: string,
  directory: string,
  change: { readonly id?: string; readonly run?: Partial<ServiceRun> } = {},
): InstanceSpec {
  const quick = { intervalMs: 30, timeoutMs: 1_000, successes: 2, failures: 2 };
  const run: ServiceRun = {
    start,
    env: {},
    secretEnv: [],
    health: { ...quick, path: '/healthz' },
    ready: { ...quick, path: '/readyz' },
    startDeadlineMs: 20_000,
    drainDeadlineMs: 2_000,
    smoke: null,
    ...change.run,
  };
  const digest = digestOfBytes(start);
  return {
    id: (change.id ?? 'R-1-1') as InstanceId,
    directory,
    env: { SLUICE_VERSION: '1' },
    release: {
      service: parseServiceName('web'),
      version: '1',
      artifact: digest,
      config: digest,
      run,
      unit: null,
      commit: null,
    },
  };
}

/** The next observation that holds, or the present one. Rejects after 15 s with the last that was seen. */
export async function observed(
  runtime: Runtime,
  id: string,
  holds: (seen: InstanceObservation) => boolean,
): Promise<InstanceObservation> {
  const { promise, resolve, reject } = Promise.withResolvers<InstanceObservation>();
  let last: InstanceObservation | undefined;
  const look = (seen: InstanceObservation) => {
    if (seen.id !== id) return;
    last = seen;
    if (holds(seen)) resolve(seen);
  };
  const end = runtime.watch(look);
  const limit = setTimeout(() => reject(new Error(`last seen: ${JSON.stringify(last)}`)), 15_000);
  (await runtime.list()).forEach(look);
  return promise.finally(() => {
    clearTimeout(limit);
    end();
  });
}

/** What every runtime does. `open` gives a new, empty world that restarts by `quickRestarts`. */
export function runtimeContract(name: string, open: () => Promise<RuntimeWorld>): void {
  const inWorld = (does: (world: RuntimeWorld) => Promise<void>) => async () => {
    const world = await open();
    await does(world).finally(() => world.close());
  };
  describe(`${name} as a runtime`, () => {
    it(
      'starts an instance, tells when it is ready, and leaves it alone when asked again',
      inWorld(async ({ runtime, directory, command }) => {
        const spec = specOf(command('serves'), directory);
        await Promise.all([runtime.ensure(spec), runtime.ensure(spec)]);
        const seen = await observed(runtime, spec.id, ({ status }) => status === 'ready');
        assert.match(seen.address ?? '', /^127\.0\.0\.1:\d+$/);
        assert.equal(seen.reason, null);
        await runtime.ensure(spec);
        const list = await runtime.list();
        assert.deepEqual([list.length, list[0]?.pid, list[0]?.restarts], [1, seen.pid, 0]);
        assert.match(await runtime.logs(spec.id, { bytes: 1_000 }), /start/);
      }),
    );

    it(
      'stops an instance, twice if asked, and knows nothing of it then',
      inWorld(async ({ runtime, directory, command }) => {
        const spec = specOf(command('serves'), directory);
        await runtime.ensure(spec);
        const stopped = observed(runtime, spec.id, ({ status }) => status === 'stopped');
        const stop = () => runtime.stop(spec.id, { deadlineMs: 2_000 });
        await Promise.all([stop(), stop()]);
        await stopped;
        await stop();
        assert.deepEqual(await runtime.list(), []);
      }),
    );

    it(
      'restarts an instance that died, and counts',
      inWorld(async ({ runtime, directory, command, kill }) => {
        const spec = specOf(command('serves'), directory);
        await runtime.ensure(spec);
        const before = await observed(runtime, spec.id, ({ status }) => status === 'ready');
        const restarting = observed(runtime, spec.id, ({ status }) => status === 'restarting');
        kill(before);
        assert.match((await restarting).reason ?? '', /ended by SIGKILL/);
        const after = await observed(
          runtime,
          spec.id,
          ({ status, restarts }) => status === 'ready' && restarts === 1,
        );
        assert.notEqual(after.pid, before.pid);
      }),
    );

    it(
      'tells a crash loop with the reason, and lets it be stopped',
      inWorld(async ({ runtime, directory, command }) => {
        const spec = specOf(command('exits'), directory);
        await runtime.ensure(spec);
        const seen = await observed(runtime, spec.id, ({ status }) => status === 'crash-looping');
        assert.match(seen.reason ?? '', /exited with code 3; died 3 times/);
        assert.deepEqual([seen.address, seen.pid, seen.restarts], [null, null, 2]);
        await runtime.stop(spec.id, { deadlineMs: 100 });
        assert.deepEqual(await runtime.list(), []);
      }),
    );

    it(
      'stops what has ended, and leaves alone what runs, when only that is asked for',
      inWorld(async ({ runtime, directory, command }) => {
        const ended = specOf(command('exits'), directory);
        const runs = specOf(command('serves'), directory, { id: 'R-1-2' });
        await Promise.all([runtime.ensure(ended), runtime.ensure(runs)]);
        await observed(runtime, ended.id, ({ status }) => status === 'crash-looping');
        const before = await observed(runtime, runs.id, ({ status }) => status === 'ready');
        const onlyEnded = { deadlineMs: 100, onlyEnded: true };
        await Promise.all([runtime.stop(ended.id, onlyEnded), runtime.stop(runs.id, onlyEnded)]);
        const list = await runtime.list();
        assert.deepEqual([list.length, list[0]?.id, list[0]?.pid], [1, runs.id, before.pid]);
      }),
    );

    it(
      'lets nobody stop an instance that a later controller has asked for',
      inWorld(async ({ runtime, directory, command }) => {
        const spec = specOf(command('serves'), directory);
        await runtime.ensure({ ...spec, fence: 3 });
        const { pid } = await observed(runtime, spec.id, ({ status }) => status === 'ready');
        await runtime.ensure({ ...spec, fence: 5 });
        const frozen = runtime.stop(spec.id, { deadlineMs: 100, fence: 4 });
        await assert.rejects(frozen, { code: 'instance-fenced' });
        assert.equal((await runtime.list())[0]?.pid, pid);
        await runtime.stop(spec.id, { deadlineMs: 2_000, fence: 5 });
        assert.deepEqual(await runtime.list(), []);
      }),
    );

    it(
      'fails an instance that is not ready by its deadline',
      inWorld(async ({ runtime, directory, command }) => {
        const spec = specOf(command('hangs'), directory, { run: { startDeadlineMs: 200 } });
        await runtime.ensure(spec);
        const seen = await observed(runtime, spec.id, ({ status }) => status === 'failed');
        assert.match(seen.reason ?? '', /not ready within 200 ms/);
        assert.equal(seen.pid, null);
      }),
    );

    it(
      'says whether more instances fit',
      inWorld(async ({ runtime }) => {
        assert.equal((await runtime.capacity(0)).ok, true);
      }),
    );
  });
}
