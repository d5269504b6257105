import assert from 'node:assert/strict';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { type Clock, systemClock } from '../../../base/clock.ts';
import { agentsContract } from '../contract.ts';
import { environment, knownSandboxes, newPlace, type Place, runningAs } from '../fixtures.ts';
import { openAgents } from '../open-agents.ts';
import type { AgentRun, Agents } from '../port.ts';
import { FakeModelServer, type Protocol, type Turn, toolNames } from './fake-model-server.ts';
import type { ModelSurroundings } from './outside-tools.ts';

const working = (await knownSandboxes()).some(({ found }) => found.found);
const everyTool = [
  'edit_file',
  'file_search',
  'codebase_search',
  'list_dir',
  'run_terminal_cmd',
  'web_search',
];
const files = ['edit_file', 'file_search', 'codebase_search', 'list_dir'];

interface Change extends Partial<AgentRun> {
  readonly tokens?: number;
  readonly dollars?: number | null;
  readonly keyEnv?: string | null;
}

/** Waits are over at once, and remembered; the deadlines of runs and of silence keep their time. */
function impatient(waits: number[]): Clock {
  return {
    ...systemClock,
    after(delayMs, callback) {
      if (delayMs < 1_000 || delayMs > 60_000) return systemClock.after(delayMs, callback);
      waits.push(delayMs);
      return systemClock.after(0, callback);
    },
  };
}

interface World extends Place {
  readonly agents: Agents;
  readonly server: FakeModelServer;
  /** How long it waited before it asked again, ms. */
  readonly waits: readonly number[];
  runOf(change?: Change): AgentRun;
  open(): Promise<Agents>;
}

async function newWorld(
  protocol: Protocol,
  turns: readonly Turn[],
  surroundings: ModelSurroundings = {},
): Promise<World & { close(): Promise<void> }> {
  const [place, server, waits] = [
    await newPlace(),
    await FakeModelServer.open(protocol, turns),
    [] as number[],
  ];
  const opened: Agents[] = [];
  const open = async () => {
    const given = { stateDir: place.stateDir, clock: impatient(waits), surroundings };
    const agents = await openAgents({ ...given, environment: { ...environment, MODEL_KEY: 'the-key' } });
    opened.push(agents);
    return agents;
  };
  const runOf = ({
    tokens = 100_000,
    dollars = null,
    keyEnv = 'MODEL_KEY',
    ...change
  }: Change = {}): AgentRun => ({
    ...{
      id: 'run/1',
      brief: 'Write hello.txt.',
      workspace: place.workspace,
      scratch: place.scratch,
      tools: files,
    },
    ...{ protectedPaths: ['QA/**'], unconfined: false, timeoutMs: 120_001 },
    reach: {
      kind: 'model',
      model: { protocol, name: 'a-model', url: server.url, keyEnv, price: { input: 1, output: 10 } },
      budget: { tokens, dollars },
    },
    ...change,
  });
  const close = async () => {
    for (const agents of opened) await agents.close();
    await server.close();
    await place.remove();
  };
  return { ...place, agents: await open(), server, waits, runOf, open, close };
}

for (const protocol of ['openai', 'anthropic'] as const) {
  const inWorld =
    (turns: readonly Turn[], does: (world: World) => Promise<void>, surroundings?: ModelSurroundings) =>
    async () => {
      const world = await newWorld(protocol, turns, surroundings);
      await does(world).finally(() => world.close());
    };
  const call = (name: string, input: unknown): Turn => ({ calls: [{ name, input }] });
  const create = (path: string, content = 'x\n') => call('edit_file', { path, operation: 'create', content });
  /** The answers of tools in the last request, as one text. */
  const heard = ({ server }: World) => JSON.stringify(server.asked.at(-1)?.body.messages.slice(1));

  agentsContract(`a model by ${protocol}`, async () => {
    const turns: Readonly<Record<string, Turn>> = {
      good: { text: 'said' },
      bad: { status: 400 },
      hangs: { does: 'silent' },
    };
    const worlds: { close(): Promise<void> }[] = [];
    const opening = await newWorld(protocol, []);
    worlds.push(opening);
    const servers = new Map<string, FakeModelServer>();
    for (const [does, turn] of Object.entries(turns))
      servers.set(does, await FakeModelServer.open(protocol, [turn]));
    return {
      agents: opening.agents,
      runOf: (does, change) => {
        const run = opening.runOf(change);
        if (run.reach.kind !== 'model') return run;
        const url = servers.get(does)?.url ?? '';
        return { ...run, reach: { ...run.reach, model: { ...run.reach.model, url } } };
      },
      close: async () => {
        await opening.close();
        for (const server of servers.values()) await server.close();
      },
    };
  });

  describe(`a model by ${protocol}`, () => {
    it(
      'works with its tools, turn by turn, and tells what it used',
      inWorld(
        [
          { text: 'I begin.', ...create('a/hello.txt', 'hello\nworld\n') },
          call('edit_file', { path: 'a/hello.txt', operation: 'str_replace', old: 'world', new: 'there' }),
          call('file_search', { path: 'a/hello.txt' }),
          call('codebase_search', { query: 'HELLO' }),
          call('list_dir', { path: '.' }),
          { text: 'It is written.' },
        ],
        async (world) => {
          const { agents, runOf, workspace, server } = world;
          const outcome = await agents.run(runOf());
          assert.deepEqual([outcome.ended, outcome.reason, outcome.exitCode], ['done', null, null]);
          assert.deepEqual(outcome.usage, { tokens: 720, dollars: 0.0018 });
          assert.equal(await readFile(join(workspace, 'a/hello.txt'), 'utf8'), 'hello\nthere\n');
          assert.match(outcome.words, /I begin\.\n\[edit_file .*: ok\][\s\S]*It is written\.\n$/);
          assert.match(heard(world), /2: there[\s\S]*a\/hello\.txt:1: hello/);
          assert.deepEqual(toolNames(server.asked[0] as never), [...files, 'raise_concern']);
          const [{ headers }] = server.asked as unknown as [{ headers: Record<string, string> }];
          assert.equal(
            protocol === 'openai' ? headers.authorization : headers['x-api-key'],
            protocol === 'openai' ? 'Bearer the-key' : 'the-key',
          );
        },
      ),
    );

    it(
      'is offered only the tools that the step names, and told so when it asks for others',
      inWorld(
        [
          call('run_terminal_cmd', { command: 'touch cheated' }),
          call('sudo rm -rf /', {}),
          call('constructor', {}),
          call('__proto__', {}),
          { text: 'done' },
        ],
        async (world) => {
          const outcome = await world.agents.run(world.runOf({ tools: ['list_dir'] }));
          assert.equal(outcome.ended, 'done');
          assert.deepEqual(toolNames(world.server.asked[0] as never), ['list_dir', 'raise_concern']);
          assert.match(
            heard(world),
            /There is no tool run_terminal_cmd[\s\S]*There is no tool sudo[\s\S]*no tool constructor[\s\S]*no tool __proto__/,
          );
          await assert.rejects(readFile(join(world.workspace, 'cheated')), { code: 'ENOENT' });
        },
      ),
    );

    it(
      'cannot leave the workspace, nor touch what is protected, by any path',
      inWorld(
        [
          {
            calls: [
              '../out',
              '/etc/sluice-out',
              'link/out',
              'dangling',
              'up/../../out',
              '.sluice/journal',
              'QA/report.md',
              'qa-link/report.md',
              './QA//new.md',
              '.git/hooks/post-checkout',
              'file-link',
            ].map((path) => ({ name: 'edit_file', input: { path, operation: 'create', content: 'x' } })),
          },
          {
            calls: ['link/secret', 'file-link', '.sluice/secret', '../secret'].map((path) => ({
              name: 'file_search',
              input: { path },
            })),
          },
          { calls: ['link', '..', '.sluice', '/'].map((path) => ({ name: 'list_dir', input: { path } })) },
          call('codebase_search', { query: 'classified' }),
          { text: 'done' },
        ],
        async (world) => {
          const { root, workspace, stateDir } = world;
          await writeFile(join(root, 'secret'), 'classified: top secret');
          await writeFile(join(stateDir, 'secret'), 'classified: top secret');
          await mkdir(join(workspace, 'QA'));
          await symlink(root, join(workspace, 'link'));
          await symlink('QA', join(workspace, 'qa-link'));
          await symlink(join(root, 'new'), join(workspace, 'dangling'));
          await symlink(join(root, 'secret'), join(workspace, 'file-link'));
          const { ended, words } = await world.agents.run(world.runOf());
          assert.equal(ended, 'done');
          assert.doesNotMatch(words, /^\[(?:edit_file|file_search|list_dir) .*: ok\]$/m);
          assert.match(words, /^\[codebase_search .*: ok\]$/m);
          assert.doesNotMatch(heard(world), /top secret/);
          for (const path of [
            'out',
            'new',
            'project/QA/report.md',
            'project/QA/new.md',
            'project/.sluice/journal',
          ]) {
            await assert.rejects(readFile(join(root, path)), { code: 'ENOENT' }, path);
          }
          assert.equal(await readFile(join(root, 'secret'), 'utf8'), 'classified: top secret');
        },
      ),
    );

    it(
      'runs commands in the sandbox',
      { skip: working ? false : 'no sandbox works on this machine' },
      inWorld(
        [
          call('run_terminal_cmd', { command: 'echo in > made; echo out > ../made; env; exit 3' }),
          call('run_terminal_cmd', { command: 'sleep 1000', timeoutSeconds: 1 }),
          { text: 'done' },
        ],
        async (world) => {
          const outcome = await world.agents.run(world.runOf({ tools: everyTool }));
          assert.equal(outcome.ended, 'done');
          assert.match(heard(world), /exit code 3[\s\S]*it was ended after 1 s/);
          assert.doesNotMatch(heard(world), /the-key|SLUICE_/);
          assert.equal(await readFile(join(world.workspace, 'made'), 'utf8'), 'in\n');
          await assert.rejects(readFile(join(world.root, 'made')), { code: 'ENOENT' });
        },
      ),
    );

    it(
      'hears that nothing performs a tool which it may use',
      inWorld([call('web_search', { query: 'x' }), { text: 'done' }], async (world) => {
        await world.agents.run(world.runOf({ tools: ['web_search'] }));
        assert.deepEqual(toolNames(world.server.asked[0] as never), ['raise_concern']);
        assert.match(heard(world), /web_search is permitted, but nothing here performs it/);
      }),
    );

    it(
      'searches by the command that is bound to it, in the sandbox',
      { skip: working ? false : 'no sandbox works on this machine' },
      inWorld(
        [
          call('web_search', { query: 'canary $(id) rollout' }),
          call('web_search', { query: 'fail' }),
          { text: 'done' },
        ],
        async (world) => {
          const script = 'read -r q; echo "$PREFIX $q"; echo out > ../made; [ "$q" != fail ] || exit 4';
          const run = world.runOf({ tools: ['web_search'] });
          assert.ok(run.reach.kind === 'model');
          const model = { ...run.reach.model, webSearch: { run: script, env: { PREFIX: 'found' } } };
          const outcome = await world.agents.run({ ...run, reach: { ...run.reach, model } });
          assert.equal(outcome.ended, 'done', outcome.reason ?? '');
          assert.match(heard(world), /found canary \$\(id\) rollout/);
          assert.match(heard(world), /The search failed, exit code 4: found fail/);
          await assert.rejects(readFile(join(world.root, 'made')), { code: 'ENOENT' });
        },
      ),
    );

    it(
      'searches, asks for tasks and sets their status through whoever answers, and raises concerns',
      inWorld(
        [
          {
            calls: [
              { name: 'web_search', input: { query: 'canary' } },
              { name: 'mcp_taskmaster-ai_get_task', input: { id: '7' } },
            ],
          },
          call('mcp_taskmaster-ai_set_task_status', { id: '7', status: 'done' }),
          call('raise_concern', { text: 'The host is a placeholder.' }),
          { text: 'done' },
        ],
        async (world) => {
          const tools = ['web_search', 'mcp_taskmaster-ai_get_task', 'mcp_taskmaster-ai_set_task_status'];
          const outcome = await world.agents.run(world.runOf({ tools }));
          assert.deepEqual([outcome.ended, outcome.concerns], ['done', ['The host is a placeholder.']]);
          assert.match(heard(world), /found canary[\s\S]*task 7 of run\/1[\s\S]*it is not verified/);
        },
        {
          webSearch: async (query) => `found ${query}`,
          tasks: {
            get: async (run, task) => `task ${task} of ${run}`,
            setStatus: async () => {
              throw new Error('it is not verified');
            },
          },
        },
      ),
    );

    it(
      'is told of calls that are malformed, and may mend them',
      inWorld(
        [
          { calls: [{ name: 'edit_file', input: null }], rawInput: '{"path": "a.txt", "oper' },
          call('edit_file', { path: 5, operation: 'paint' }),
          create('a.txt'),
          { text: 'done' },
        ],
        async (world) => {
          const outcome = await world.agents.run(world.runOf());
          assert.equal(outcome.ended, 'done', outcome.reason ?? '');
          assert.match(heard(world), /The call cannot be understood[\s\S]*The arguments do not fit/);
          assert.equal(await readFile(join(world.workspace, 'a.txt'), 'utf8'), 'x\n');
        },
      ),
    );

    it(
      'asks again when the endpoint is busy or breaks off, and heeds when it may',
      inWorld(
        [
          { status: 429, headers: { 'retry-after': '7' } },
          { status: 503 },
          { does: 'broken' },
          { status: 529, headers: { 'retry-after': '86400' } },
          { text: 'done' },
        ],
        async ({ agents, runOf, waits, server }) => {
          const outcome = await agents.run(runOf());
          assert.equal(outcome.ended, 'done', outcome.reason ?? '');
          assert.deepEqual(waits, [7_000, 2_000, 4_000, 60_000]);
          assert.equal(server.asked.length, 5);
        },
      ),
    );

    it(
      'fails when the endpoint stays busy, and at once when it refuses the key',
      inWorld([{ status: 429 }], async ({ agents, runOf, server }) => {
        const outcome = await agents.run(runOf());
        assert.deepEqual([outcome.ended, server.asked.length], ['failed', 6]);
        assert.match(outcome.reason ?? '', /status 429/);
      }),
    );

    it(
      'fails at once when the endpoint refuses the key, and tells nobody the key',
      inWorld([{ status: 401, body: 'bad key' }], async ({ agents, runOf, server }) => {
        const outcome = await agents.run(runOf());
        assert.deepEqual([outcome.ended, server.asked.length], ['failed', 1]);
        assert.doesNotMatch(JSON.stringify(outcome), /the-key/);
      }),
    );

    it(
      'is not asked without the key that its binding names; without a name none is sent',
      inWorld([{ text: 'done' }], async ({ agents, runOf, server }) => {
        const without = await agents.run(runOf({ keyEnv: 'NO_SUCH_KEY' }));
        assert.match(without.reason ?? '', /lacks NO_SUCH_KEY/);
        assert.equal((await agents.run(runOf({ keyEnv: null }))).ended, 'done');
        const { headers } = server.asked[0] as { headers: Record<string, string> };
        assert.deepEqual([headers.authorization, headers['x-api-key']], [undefined, undefined]);
      }),
    );

    it(
      'ends as refused when the model declines',
      inWorld([{ text: 'I will not do that.', end: 'refusal' }], async ({ agents, runOf }) => {
        const outcome = await agents.run(runOf());
        assert.equal(outcome.ended, 'refused');
      }),
    );

    it(
      'ends as refused when a filter stops the model',
      inWorld([{ text: 'I', end: 'filter' }], async ({ agents, runOf }) => {
        assert.equal((await agents.run(runOf())).ended, 'refused');
      }),
    );

    it(
      'ends as refused at the ceiling of tokens, also when the endpoint does not count',
      inWorld(
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((name) => ({
          ...create(`${name}.txt`, 'x'.repeat(900)),
          usage: null,
        })),
        async ({ agents, runOf, server }) => {
          const outcome = await agents.run(runOf({ tokens: 4_000 }));
          assert.equal(outcome.ended, 'refused');
          assert.match(outcome.reason ?? '', /ceiling of 4000 tokens/);
          assert.ok(server.asked.length < 8);
        },
      ),
    );

    it(
      'ends as refused at the ceiling of dollars',
      inWorld(
        [{ ...create('a.txt'), usage: { input: 1_000_000, output: 100_000 } }],
        async ({ agents, runOf, server }) => {
          const outcome = await agents.run(runOf({ tokens: 10_000_000, dollars: 1.5 }));
          assert.deepEqual([outcome.ended, outcome.usage?.dollars, server.asked.length], ['refused', 2, 1]);
          assert.match(outcome.reason ?? '', /ceiling of 1.5 dollars/);
        },
      ),
    );

    it(
      'is broken off when its answer does not end',
      inWorld([{ does: 'endless' }], async ({ agents, runOf, server }) => {
        const outcome = await agents.run(runOf({ tokens: 20_000 }));
        assert.equal(outcome.ended, 'refused', outcome.reason ?? '');
        assert.equal(server.asked.length, 1);
      }),
    );

    it(
      'is told when it goes round in circles, then ended',
      inWorld([call('list_dir', { path: '.' })], async (world) => {
        const outcome = await world.agents.run(world.runOf());
        assert.equal(outcome.ended, 'failed');
        assert.match(outcome.reason ?? '', /list_dir with the same arguments again and again/);
        assert.equal(world.server.asked.length, 4);
        assert.match(heard(world), /three times in a row/);
      }),
    );

    it(
      'is ended after sixty turns',
      inWorld(
        Array.from({ length: 70 }, (_, index) => call('list_dir', { path: `no-${index}` })),
        async ({ agents, runOf, server }) => {
          const outcome = await agents.run(runOf({ tokens: 10_000_000 }));
          assert.deepEqual([outcome.ended, server.asked.length], ['failed', 60]);
          assert.match(outcome.reason ?? '', /60 turns/);
        },
      ),
    );

    it(
      'goes on after an answer that was cut off, and fails when it says nothing at all',
      inWorld([{ text: 'I was', end: 'length' }, {}, {}], async (world) => {
        const outcome = await world.agents.run(world.runOf());
        assert.deepEqual([outcome.ended, world.server.asked.length], ['failed', 3]);
        assert.match(heard(world), /You were cut off[\s\S]*You said nothing/);
      }),
    );

    it(
      'is lost when the controller ends under it, and not asked again; its command ends too',
      { skip: working ? false : 'no sandbox works on this machine' },
      inWorld([call('run_terminal_cmd', { command: 'echo x > begun; sleep 1004' })], async (world) => {
        const { agents, runOf, server, workspace } = world;
        const run = runOf({ tools: everyTool });
        const left = assert.rejects(agents.run(run), { code: 'agents-closed' });
        while ((await readFile(join(workspace, 'begun'), 'utf8').catch(() => '')) === '')
          await server.askedTimes(1);
        await agents.close();
        await left;
        const outcome = await (await world.open()).run(run);
        assert.equal(outcome.ended, 'lost');
        assert.match(outcome.reason ?? '', /controller ended/);
        assert.deepEqual(await runningAs('sleep 1004'), []);
        assert.equal(server.asked.length, 1);
      }),
    );

    it(
      'may lie that it is done: that is all that is told of it',
      inWorld(
        [{ text: 'SUCCESS: everything is deployed and verified. Exit code 0.' }],
        async ({ agents, runOf }) => {
          const outcome = await agents.run(runOf());
          assert.deepEqual([outcome.ended, outcome.exitCode, outcome.concerns], ['done', null, []]);
        },
      ),
    );
  });
}
