import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { systemClock } from '../../base/clock.ts';
import { observed, type Program, quickRestarts, runtimeContract, specOf } from './contract.ts';
import type { Runtime } from './port.ts';
import { openProcessRuntime, type ProcessRuntimeOptions } from './process-runtime.ts';
import { livingMembers } from './process-table.ts';

const server = `console.log('start', JSON.stringify(process.env));
require('http').createServer((q, r) => {
  if (q.url === '/die') process.exit(1);
  r.statusCode = q.url === '/moved' ? 302 : 200;
  r.end();
}).listen(process.env.PORT, '127.0.0.1');
if (process.argv[2] === 'stubborn') process.on('SIGTERM', () => {});`;

const node = `"${process.execPath}"`;
const commands: Readonly<Record<Program, string>> = {
  serves: `exec ${node} server.cjs`,
  exits: 'echo start; exit 3',
  hangs: 'sleep 1000 & wait',
};

interface World {
  readonly directory: string;
  open(options?: Partial<ProcessRuntimeOptions>): Promise<Runtime>;
  close(): Promise<void>;
}

async function newWorld(): Promise<World> {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-runtime-'));
  await writeFile(join(directory, 'server.cjs'), server);
  let runtime: Runtime | undefined;
  const open = async (options: Partial<ProcessRuntimeOptions> = {}) => {
    runtime = await openProcessRuntime({
      stateDir: join(directory, 'state'),
      clock: systemClock,
      restarts: quickRestarts,
      ...options,
    });
    return runtime;
  };
  const close = async () => {
    for (const { id } of (await runtime?.list()) ?? []) await runtime?.stop(id, { deadlineMs: 0 });
    await runtime?.close();
    await rm(directory, { recursive: true, force: true });
  };
  return { directory, open, close };
}

runtimeContract('the process runtime', async () => {
  const { directory, open, close } = await newWorld();
  return {
    runtime: await open(),
    directory,
    command: (program) => commands[program],
    kill: ({ pid }) => process.kill(pid ?? Number.NaN, 'SIGKILL'),
    close,
  };
});

const inWorld = (does: (world: World) => Promise<void>) => async () => {
  const world = await newWorld();
  await does(world).finally(() => world.close());
};

/** What a controller leaves that ends while its instance is ready. */
async function leftReady({ directory, open }: Pick<World, 'directory' | 'open'>) {
  const runtime = await open();
  const spec = specOf(commands.serves, directory);
  await runtime.ensure(spec);
  const before = await observed(runtime, spec.id, ({ status }) => status === 'ready');
  await runtime.close();
  return { spec, before };
}

describe('the process runtime', () => {
  it(
    'takes over the same process after a restart of the controller, ready at once',
    inWorld(async ({ directory, open }) => {
      const { spec, before } = await leftReady({ directory, open });
      const second = await open();
      const [seen] = await second.list();
      assert.deepEqual(
        [seen?.status, seen?.pid, seen?.address, seen?.restarts],
        ['ready', before.pid, before.address, 0],
      );
      process.kill(before.pid ?? Number.NaN, 'SIGKILL');
      await observed(second, spec.id, ({ status, restarts }) => status === 'ready' && restarts === 1);
    }),
  );

  it(
    'has no room where the copies of the artifact do not fit on the disk',
    inWorld(async ({ open }) => {
      const runtime = await open();
      assert.equal((await runtime.capacity(1, { copyBytes: 4_096 })).ok, true);
      const { ok, reason } = await runtime.capacity(2, { copyBytes: 2 ** 60 });
      assert.equal(ok, false);
      assert.match(reason, /^2 more need about 3298534883328 MiB of disk .*\([\d.]+ MiB are free\)\.$/);
    }),
  );

  it(
    'does not take another process of the same pid for its own',
    inWorld(async ({ directory, open }) => {
      const { spec, before } = await leftReady({ directory, open });
      const path = join(directory, 'state', 'instances', 'R-1-1.json');
      const record = JSON.parse(await readFile(path, 'utf8'));
      record.process.startedAt = 'an-earlier-boot:1';
      await writeFile(path, JSON.stringify(record));
      const second = await open();
      const after = await observed(second, spec.id, ({ status }) => status === 'ready');
      assert.notEqual(after.pid, before.pid);
      assert.equal((await livingMembers(before.pid ?? 0)).length, 1);
      process.kill(-(before.pid ?? Number.NaN), 'SIGKILL');
    }),
  );

  it(
    'kills the whole group of an instance that does not heed SIGTERM',
    inWorld(async ({ directory, open }) => {
      const runtime = await open();
      const spec = specOf(`sleep 1000 & ${node} server.cjs stubborn`, directory);
      await runtime.ensure(spec);
      const { pid } = await observed(runtime, spec.id, ({ status }) => status === 'ready');
      assert.ok((await livingMembers(pid ?? 0)).length >= 2);
      await runtime.stop(spec.id, { deadlineMs: 150 });
      assert.deepEqual(await livingMembers(pid ?? 0), []);
    }),
  );

  it(
    'hands on the allow-list, the given variables and named secrets, and stores no secret',
    inWorld(async ({ directory, open }) => {
      const environment = { PATH: '/usr/bin:/bin', TOKEN: 'hidden', OTHER: 'never', HOME: '/' };
      const runtime = await open({ environment });
      const spec = specOf(commands.serves, directory, { run: { secretEnv: ['TOKEN'], env: { A: 'b' } } });
      await runtime.ensure(spec);
      await observed(runtime, spec.id, ({ status }) => status === 'ready');
      const log = await runtime.logs(spec.id, { bytes: 4_000 });
      const seen = JSON.parse(log.slice(log.indexOf('{'))) as Record<string, string>;
      assert.deepEqual(
        [seen.TOKEN, seen.A, seen.SLUICE_VERSION, seen.OTHER],
        ['hidden', 'b', '1', undefined],
      );
      const record = await readFile(join(directory, 'state', 'instances', 'R-1-1.json'), 'utf8');
      assert.doesNotMatch(record, /hidden/);
    }),
  );

  it(
    'refuses to start without a named secret or without the directory, and keeps nothing',
    inWorld(async ({ directory, open }) => {
      const runtime = await open({ environment: {} });
      const secret = specOf(commands.serves, directory, { run: { secretEnv: ['TOKEN'] } });
      await assert.rejects(runtime.ensure(secret), { code: 'secret-env-missing' });
      const absent = specOf(commands.serves, join(directory, 'absent'));
      await assert.rejects(runtime.ensure(absent), { code: 'process-not-started' });
      assert.deepEqual(await runtime.list(), []);
    }),
  );

  it(
    'does not take a redirect for a good answer',
    inWorld(async ({ directory, open }) => {
      const runtime = await open();
      const ready = { path: '/moved', intervalMs: 20, timeoutMs: 500, successes: 1, failures: 1 };
      const spec = specOf(commands.serves, directory, { run: { ready, startDeadlineMs: 1_500 } });
      await runtime.ensure(spec);
      const seen = await observed(runtime, spec.id, ({ status }) => status === 'failed');
      assert.match(seen.reason ?? '', /GET \/moved answered 302/);
    }),
  );
});
