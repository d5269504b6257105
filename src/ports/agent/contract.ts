import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AgentRun, Agents } from './port.ts';

export interface AgentsWorld {
  readonly agents: Agents;
  /** A run of an agent that does one of these: say `said` and end, end with an error, go on until it is ended. */
  runOf(
    does: 'good' | 'bad' | 'hangs',
    change?: { readonly id?: string; readonly timeoutMs?: number },
  ): AgentRun;
  close(): Promise<void>;
}

/** What everything that runs agents does. `open` gives a new, empty world. */
export function agentsContract(
  name: string,
  open: () => Promise<AgentsWorld>,
  options: { readonly skip?: false | string } = {},
): void {
  const inWorld = (does: (world: AgentsWorld) => Promise<void>) => async () => {
    const world = await open();
    await does(world).finally(() => world.close());
  };
  describe(`${name} as agents`, { skip: options.skip ?? false }, () => {
    it(
      'gives what an agent said, and does not run an id again',
      inWorld(async ({ agents, runOf }) => {
        const outcome = await agents.run(runOf('good'));
        assert.deepEqual([outcome.ended, outcome.reason], ['done', null]);
        assert.match(outcome.words, /said/);
        assert.deepEqual(await agents.run(runOf('bad')), outcome);
      }),
    );

    it(
      'tells a failure with its reason',
      inWorld(async ({ agents, runOf }) => {
        const outcome = await agents.run(runOf('bad'));
        assert.equal(outcome.ended, 'failed');
        assert.ok(outcome.reason);
      }),
    );

    it(
      'ends an agent at its timeout',
      inWorld(async ({ agents, runOf }) => {
        const outcome = await agents.run(runOf('hangs', { timeoutMs: 300 }));
        assert.equal(outcome.ended, 'timed-out');
        assert.ok(outcome.reason);
        assert.ok(outcome.durationMs >= 290 && outcome.durationMs < 20_000, String(outcome.durationMs));
      }),
    );

    it(
      'lets two callers of one id share the run; one that was cancelled is lost for both, and for good',
      inWorld(async ({ agents, runOf }) => {
        const both = [agents.run(runOf('hangs')), agents.run(runOf('hangs'))];
        await agents.cancel(runOf('hangs').id);
        const [first, second] = await Promise.all(both);
        assert.equal(first?.ended, 'lost');
        assert.match(first?.reason ?? '', /cancelled/);
        assert.deepEqual(first, second);
        assert.deepEqual(await agents.run(runOf('hangs')), first);
        await agents.cancel('an id that nobody knows');
      }),
    );

    it(
      'forgets what ended long enough ago and nobody keeps',
      inWorld(async ({ agents, runOf }) => {
        for (const id of ['a', 'b/c']) await agents.run(runOf('good', { id }));
        const options = { keep: new Set(['a']), olderThanMs: 60_000, at: Date.now() };
        assert.deepEqual(await agents.prune(options), []);
        assert.deepEqual(await agents.prune({ ...options, at: Date.now() + 70_000 }), ['b/c']);
        assert.equal((await agents.run(runOf('bad', { id: 'a' }))).ended, 'done');
        assert.equal((await agents.run(runOf('bad', { id: 'b/c' }))).ended, 'failed');
      }),
    );

    it(
      'refuses a run once it is closed',
      inWorld(async ({ agents, runOf }) => {
        await agents.close();
        await assert.rejects(agents.run(runOf('good')), { code: 'agents-closed' });
      }),
    );
  });
}
