import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CommandRun, CommandRunner } from './port.ts';

export interface CommandWorld {
  readonly runner: CommandRunner;
  readonly directory: string;
  close(): Promise<void>;
}

/** The commands of the contract; a pretending runner does what they would do. */
export const commands = {
  good: 'echo out; echo err >&2',
  bad: 'echo no; exit 7',
  hangs: 'sleep 1000 & sleep 1000',
} as const;

export function commandOf(
  run: string,
  directory: string,
  change: { readonly id?: string; readonly timeoutMs?: number } = {},
): CommandRun {
  const { id = 'R-1/smoke', timeoutMs = 20_000 } = change;
  return { id, spec: { run, timeoutMs, env: { B: '2' } }, directory, env: { A: '1' } };
}

/** What every command runner does. `open` gives a new, empty world. */
export function commandRunnerContract(name: string, open: () => Promise<CommandWorld>): void {
  const inWorld = (does: (world: CommandWorld) => Promise<void>) => async () => {
    const world = await open();
    await does(world).finally(() => world.close());
  };
  describe(`${name} as a command runner`, () => {
    it(
      'gives exit code and output, and does not run an id again',
      inWorld(async ({ runner, directory }) => {
        const outcome = await runner.run(commandOf(commands.good, directory));
        assert.deepEqual([outcome.exitCode, outcome.timedOut, outcome.output], [0, false, 'out\nerr\n']);
        assert.deepEqual(await runner.run(commandOf(commands.bad, directory)), outcome);
      }),
    );

    it(
      'tells a failure by its exit code',
      inWorld(async ({ runner, directory }) => {
        const outcome = await runner.run(commandOf(commands.bad, directory));
        assert.deepEqual([outcome.exitCode, outcome.output], [7, 'no\n']);
      }),
    );

    it(
      'forgets what ended long ago and is not kept',
      inWorld(async ({ runner, directory }) => {
        for (const id of ['a', 'b', 'c/d']) await runner.run(commandOf(commands.good, directory, { id }));
        const options = { keep: new Set(['b']), olderThanMs: 60_000, at: Date.now() };
        assert.deepEqual(await runner.prune(options), []);
        const gone = await runner.prune({ ...options, at: Date.now() + 70_000 });
        assert.deepEqual([...gone].sort(), ['a', 'c/d']);
        for (const [id, code] of [['a', 7] as const, ['b', 0] as const]) {
          assert.equal((await runner.run(commandOf(commands.bad, directory, { id }))).exitCode, code);
        }
      }),
    );

    it(
      'ends a command at its timeout',
      inWorld(async ({ runner, directory }) => {
        const outcome = await runner.run(commandOf(commands.hangs, directory, { timeoutMs: 100 }));
        assert.deepEqual([outcome.exitCode, outcome.timedOut], [null, true]);
        assert.ok(outcome.durationMs >= 95 && outcome.durationMs < 10_000, String(outcome.durationMs));
      }),
    );

    it(
      'lets two callers of one id share the run, and ends it when it is cancelled',
      inWorld(async ({ runner, directory }) => {
        const command = commandOf(commands.hangs, directory);
        const both = [runner.run(command), runner.run(command)];
        await runner.cancel(command.id);
        const [first, second] = await Promise.all(both);
        assert.deepEqual([first?.exitCode, first?.timedOut], [null, false]);
        assert.deepEqual(first, second);
        await runner.cancel('an id that nobody knows');
      }),
    );
  });
}
