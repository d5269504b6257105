import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { systemClock } from '../../base/clock.ts';
import { livingMembers } from '../runtime/process-table.ts';
import { commandOf, commandRunnerContract } from './contract.ts';
import type { CommandRunner } from './port.ts';
import { openShellCommandRunner } from './shell-command-runner.ts';

interface World {
  readonly directory: string;
  open(): Promise<CommandRunner>;
  close(): Promise<void>;
}

async function newWorld(): Promise<World> {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-command-'));
  const environment = { PATH: '/usr/bin:/bin', HOME: '/', SECRET: 'never' };
  const opened: CommandRunner[] = [];
  return {
    directory,
    async open() {
      const stateDir = join(directory, 'state');
      const runner = await openShellCommandRunner({ stateDir, clock: systemClock, environment });
      opened.push(runner);
      return runner;
    },
    async close() {
      for (const runner of opened) await runner.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

commandRunnerContract('the shell runner', async () => {
  const { directory, open, close } = await newWorld();
  return { runner: await open(), directory, close };
});

const inWorld = (does: (world: World) => Promise<void>) => async () => {
  const world = await newWorld();
  await does(world).finally(() => world.close());
};

/** The content of a file that a command writes; looked for until it is there, for ten seconds at most. */
async function written(path: string): Promise<string> {
  for (const endMs = performance.now() + 10_000; performance.now() < endMs; await wait(10)) {
    const text = await readFile(path, 'utf8').catch(() => '');
    if (text.endsWith('\n')) return text;
  }
  throw new Error(`${path} was not written`);
}

const closed = { code: 'command-runner-closed' };

describe('the shell runner', () => {
  it(
    'joins a command that an earlier runner had begun, and finds its outcome',
    inWorld(async ({ directory, open }) => {
      const command = commandOf(
        'echo x >> ran; until [ -e go ]; do sleep 0.02; done; echo end; exit 4',
        directory,
      );
      const first = await open();
      const left = assert.rejects(first.run(command), closed);
      await written(join(directory, 'ran'));
      await first.close();
      await left;
      const second = await open();
      const joined = second.run(command);
      await second.run(commandOf('touch go', directory, { id: 'go' }));
      const outcome = await joined;
      assert.deepEqual([outcome.exitCode, outcome.output], [4, 'end\n']);
      assert.equal(await readFile(join(directory, 'ran'), 'utf8'), 'x\n');
    }),
  );

  it(
    'does not run a command again that was killed together with its runner',
    inWorld(async ({ directory, open }) => {
      const command = commandOf('echo $PPID >> ran; sleep 1000', directory);
      const first = await open();
      const left = assert.rejects(first.run(command), closed);
      const group = Number(await written(join(directory, 'ran')));
      await first.close();
      await left;
      process.kill(-group, 'SIGKILL');
      const outcome = await (await open()).run(command);
      assert.deepEqual([outcome.exitCode, outcome.timedOut], [null, false]);
      assert.match(outcome.output, /how far it got is not known/);
      assert.equal(await readFile(join(directory, 'ran'), 'utf8'), `${group}\n`);
    }),
  );

  it(
    'leaves no process of a command behind',
    inWorld(async ({ directory, open }) => {
      const runner = await open();
      const outcome = await runner.run(commandOf('sleep 1000 & echo $PPID', directory));
      assert.equal(outcome.exitCode, 0);
      assert.deepEqual(await livingMembers(Number(outcome.output)), []);
    }),
  );

  it(
    'lets no file that it did not write hinder it in forgetting the others, and leaves it',
    inWorld(async ({ directory, open }) => {
      const runner = await open();
      await runner.run(commandOf('true', directory, { id: 'a' }));
      const records = join(directory, 'state', 'commands');
      for (const [name, text] of [
        ['%zz', '{}'],
        ['odd', '{}'],
        ['torn', '{"kind":"en'],
      ])
        await writeFile(join(records, `${name}.json`), text ?? '');
      const at = Date.now() + 70_000;
      assert.deepEqual(await runner.prune({ keep: new Set(), olderThanMs: 60_000, at }), ['a']);
      const left = (await readdir(records)).filter((name) => name.endsWith('.json')).sort();
      assert.deepEqual(left, ['%zz.json', 'odd.json', 'torn.json']);
    }),
  );

  it(
    'keeps the last 64 KiB of the output',
    inWorld(async ({ directory, open }) => {
      const runner = await open();
      const outcome = await runner.run(commandOf('yes 0123456 | head -n 1000000; echo end', directory));
      assert.equal(Buffer.byteLength(outcome.output), 65_536);
      assert.match(outcome.output, /end\n$/);
    }),
  );

  it(
    'hands on the allow-list and what is given, nothing else, and tells a signal by no exit code',
    inWorld(async ({ directory, open }) => {
      const runner = await open();
      const shown = await runner.run(commandOf('echo $A $B $SECRET.', directory, { id: 'env' }));
      assert.equal(shown.output, '1 2 .\n');
      const killed = await runner.run(commandOf('kill -9 $$', directory, { id: 'kill' }));
      assert.equal(killed.exitCode, null);
    }),
  );
});
