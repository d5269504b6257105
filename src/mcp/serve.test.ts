import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, it, type TestContext } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { systemClock } from '../base/clock.ts';
import { isErrorFacts, SluiceError } from '../base/sluice-error.ts';
import { tools } from './call-tool.ts';
import { MemoryController } from './memory-controller.ts';
import { serveHttp } from './serve-http.ts';
import { serveStdio } from './serve-stdio.ts';
import type { McpParts } from './tool.ts';
import { WorkspaceDocuments } from './workspace-documents.ts';

const token = 'a-token-that-is-long-enough-for-a-test';
const document = `# Phase
## Task P01-T01: Ship
### Subtask P01-T01-S01: Write
- **ID:** P01-T01-S01
- **Steps:**
  - **Step ID:** P01-T01-S01-1
    - **Command:** Write it.
    - **Success Criteria:** File Exists: \`out.md\` exists
`;

interface House {
  readonly controller: MemoryController;
  readonly workspace: string;
  /** A client that calls itself so, connected. */
  client(name?: string): Promise<Client>;
  readonly url: URL | null;
  /** Streams of the last client over stdio. */
  lines(): {
    readonly toServer: PassThrough;
    readonly fromServer: PassThrough;
    readonly ended: Promise<void>;
  };
}

type Open = (t: TestContext) => Promise<House>;

async function partsOf(
  t: TestContext,
): Promise<{ parts: McpParts; controller: MemoryController; workspace: string }> {
  const workspace = await mkdtemp(join(tmpdir(), 'sluice-mcp-'));
  t.after(() => rm(workspace, { recursive: true }));
  await writeFile(join(workspace, 'deploy.md'), document);
  await writeFile(join(workspace, 'notes.md'), '# Notes\n\nNothing to do.\n');
  const controller = new MemoryController();
  const documents = new WorkspaceDocuments(workspace, ['SECRET']);
  const parts = { ask: controller.ask, documents, clock: systemClock, version: '0.0.0', log: () => {} };
  return { parts, controller, workspace };
}

const overHttp: Open = async (t) => {
  const { parts, ...rest } = await partsOf(t);
  const door = await serveHttp(parts, { listen: { host: '127.0.0.1', port: 0 }, token });
  t.after(() => door.close());
  const client = async (name = 'tester') => {
    const headers = { Authorization: `Bearer ${token}` };
    const transport = new StreamableHTTPClientTransport(new URL(door.url), { requestInit: { headers } });
    return connected(t, name, transport as Transport);
  };
  return {
    ...rest,
    client,
    url: new URL(door.url),
    lines: () => assert.fail('there are no lines over HTTP'),
  };
};

const overStdio: Open = async (t) => {
  const { parts, ...rest } = await partsOf(t);
  let lines: ReturnType<House['lines']> | null = null;
  const client = async (name = 'tester') => {
    const [toServer, fromServer] = [new PassThrough(), new PassThrough()];
    const ended = serveStdio(parts, { input: toServer, output: fromServer });
    lines = { toServer, fromServer, ended };
    t.after(async () => {
      toServer.end();
      await ended;
    });
    // Both ends of a line speak the same way.
    return connected(t, name, new StdioServerTransport(fromServer, toServer));
  };
  return { ...rest, client, url: null, lines: () => lines ?? assert.fail('no client came') };
};

async function connected(t: TestContext, name: string, transport: Transport): Promise<Client> {
  const client = new Client({ name, version: '1.0.0' });
  await client.connect(transport);
  t.after(() => client.close());
  // So that the client holds every answer against the schema of its tool.
  await client.listTools();
  return client;
}

interface Answered {
  readonly isError?: boolean;
  readonly structuredContent?: {
    readonly error?: { readonly code: string; readonly remedy: string };
  } & Record<string, unknown>;
  readonly content: readonly { readonly text: string }[];
}

async function call(client: Client, name: string, args: Record<string, unknown> = {}): Promise<Answered> {
  return (await client.callTool({ name, arguments: args })) as unknown as Answered;
}

async function codeOf(
  client: Client,
  name: string,
  args: Record<string, unknown> = {},
): Promise<string | undefined> {
  const { isError, structuredContent } = await call(client, name, args);
  assert.equal(isError, true, `${name} was not refused`);
  assert.ok(structuredContent?.error?.remedy);
  return structuredContent.error.code;
}

const aimed = { service: 'web', to: 'production' };
/** Arguments with which each tool answers; those of steps are called where a step is in hand. */
const happy: Readonly<Record<string, Record<string, unknown>>> = {
  workflow_list: {},
  workflow_check: { documents: ['deploy.md'] },
  workflow_plan: { documents: ['deploy.md'] },
  workflow_run: { documents: ['deploy.md'] },
  workflow_status: {},
  get_next_step: {},
  get_evidence: { step: 'S-1' },
  complete_step: { step: 'S-1', note: 'written', evidence: ['out.md'] },
  block_step: { step: 'S-2', reason: 'no access' },
  raise_concern: { subtask: 'S', text: 'it is odd', owner: '@ann' },
  get_task_status: {},
  set_task_status: { task: 'S-2', status: 'blocked' },
  release_plan: { ...aimed, unit: 'U-42' },
  release_deploy: { ...aimed, unit: 'U-42' },
  release_status: {},
  release_history: aimed,
  release_report: { rollout: 'web-1' },
  release_abort: { ...aimed, reason: 'odd' },
  release_rollback: aimed,
  release_signal: { ...aimed, kind: 'outage', reason: 'seen' },
  incidents: {},
};

for (const [how, open] of [
  ['stdio', overStdio],
  ['streamable HTTP', overHttp],
] as const) {
  describe(`an agent over ${how}`, () => {
    it('finds every tool, each with schemas and hints', async (t) => {
      const client = await (await open(t)).client();
      const { tools: listed } = await client.listTools();
      assert.deepEqual(listed.map(({ name }) => name).sort(), [...Object.keys(happy), 'approve'].sort());
      for (const { name, description, inputSchema, outputSchema, annotations } of listed) {
        assert.ok(description && inputSchema && outputSchema, name);
        assert.equal(typeof annotations?.readOnlyHint, 'boolean', name);
        assert.equal(typeof annotations?.destructiveHint, 'boolean', name);
      }
    });

    it('has an answer from each that fits its schema, and each call is on record before it is made', async (t) => {
      const { client: connect, controller } = await open(t);
      const client = await connect('claude code');
      for (const [name, args] of Object.entries(happy)) {
        const { isError, structuredContent } = await call(client, name, args);
        assert.notEqual(isError, true, `${name}: ${JSON.stringify(structuredContent)}`);
        assert.deepEqual(
          { ...controller.calls.at(-1), about: {} },
          { client: 'claude-code', tool: name, about: {}, failed: null },
        );
      }
      assert.equal(controller.calls.length, Object.keys(happy).length);
      assert.deepEqual(controller.calls.find(({ tool }) => tool === 'release_deploy')?.about, {
        ...aimed,
        unit: 'U-42',
      });
    });

    it('speaks in runs under its own name, and in releases beside the user', async (t) => {
      const { client: connect, controller } = await open(t);
      const client = await connect('codex');
      await call(client, 'get_next_step');
      await call(client, 'complete_step', { step: 'S-1', note: 'written', evidence: ['out.md'] });
      await call(client, 'release_abort', { ...aimed, reason: 'odd' });
      assert.deepEqual(controller.said, [
        { type: 'Complete', step: 'S-1', note: 'written\nevidence: out.md', actor: 'mcp:codex' },
      ]);
      assert.deepEqual(controller.asked.at(-1)?.params, { ...aimed, reason: 'odd (mcp:codex)' });
    });

    it('is told what was found, not what it said', async (t) => {
      const { client: connect, controller } = await open(t);
      controller.verdict = false;
      const client = await connect();
      await call(client, 'get_next_step');
      const { structuredContent: found } = await call(client, 'complete_step', { step: 'S-1' });
      assert.equal(found?.verified, false);
      assert.equal(found?.judged, true);
      assert.equal(JSON.stringify(found?.judgements).match(/"outcome":"(\w+)"/)?.[1], 'fails');
    });

    it('is told of the progress while it waits', async (t) => {
      const { client: connect, controller } = await open(t);
      controller.verdict = null;
      const client = await connect();
      await call(client, 'get_next_step');
      const messages: string[] = [];
      const answer = client.callTool({ name: 'complete_step', arguments: { step: 'S-1' } }, undefined, {
        onprogress: ({ message }) => {
          messages.push(message ?? '');
          controller.judge('S-1', true);
        },
      });
      assert.equal(((await answer) as unknown as Answered).structuredContent?.verified, true);
      assert.match(messages[0] ?? '', /^S-1 is VERIFYING/);
    });

    it('gets an answer in time also when the verification takes longer', async (t) => {
      const { client: connect, controller } = await open(t);
      controller.verdict = null;
      const client = await connect();
      await call(client, 'get_next_step');
      const { structuredContent: found } = await call(client, 'complete_step', {
        step: 'S-1',
        waitSeconds: 0,
      });
      assert.equal(found?.judged, false);
      assert.equal(found?.status, 'VERIFYING');
    });

    it('may give up waiting; the verification goes on', async (t) => {
      const { client: connect, controller } = await open(t);
      controller.verdict = null;
      const client = await connect();
      await call(client, 'get_next_step');
      const patience = new AbortController();
      const waiting = client.callTool({ name: 'complete_step', arguments: { step: 'S-1' } }, undefined, {
        signal: patience.signal,
      });
      await controller.saw((method) => method === 'workflowTell');
      patience.abort('enough');
      await assert.rejects(waiting);
      assert.equal(controller.said.length, 1);
      controller.judge('S-1', true);
      const { structuredContent: found } = await call(client, 'get_evidence', { step: 'S-1' });
      assert.equal(found?.status, 'SUCCEEDED');
    });

    it('shares a run with another: each gets a step of its own, also when both ask at once', async (t) => {
      const { client: connect, controller } = await open(t);
      const [one, other] = [await connect('one'), await connect('other')];
      let taken = false;
      controller.answers = {
        // Both saw the same step free; the second one's word comes too late.
        workflowNext: ({ actor }) => {
          if (actor === 'mcp:other' && !taken) {
            taken = true;
            throw new SluiceError({
              code: 'step-taken',
              message: 'in the hands of mcp:one',
              remedy: 'Ask again.',
            });
          }
          const step = actor === 'mcp:one' ? 'S-1' : 'S-2';
          return { run: 'r-1', step, brief: '', tools: [], criteria: [], workspace: '/' };
        },
      };
      const steps = await Promise.all([one, other].map((client) => call(client, 'get_next_step')));
      const names = steps.map(
        ({ structuredContent }) => (structuredContent?.step as { step: string } | undefined)?.step,
      );
      assert.deepEqual(names, ['S-1', 'S-2']);
    });

    it('is refused with code and remedy what only people may, and the refusal is on record', async (t) => {
      const { client: connect, controller } = await open(t);
      const client = await connect();
      assert.equal(await codeOf(client, 'approve', aimed), 'agent-may-not');
      assert.equal(controller.calls.at(-1)?.failed, 'agent-may-not');
      assert.equal(
        controller.asked.some(({ method }) => method === 'approve'),
        false,
      );
      for (const status of ['cancelled', 'deferred', 'review'])
        assert.equal(await codeOf(client, 'set_task_status', { task: 'S-1', status }), 'agent-may-not');
      assert.equal(
        await codeOf(client, 'set_task_status', { task: 'S-1', status: 'in-progress' }),
        'not-now',
      );
      assert.equal(await codeOf(client, 'set_task_status', { task: 'S', status: 'done' }), 'task-has-steps');
      for (const over of [{ override: 'I want to' }, { acceptIrreversible: true }])
        assert.equal(
          await codeOf(client, 'release_deploy', { ...aimed, unit: 'U-1', ...over }),
          'arguments-invalid',
        );
    });

    it('sets a task to done in any word for it, and gets what was found', async (t) => {
      const { client: connect } = await open(t);
      const client = await connect();
      for (const [step, word, wanted] of [
        ['S-1', 'complete', 'S-1'],
        ['S-2', 'SUCCEEDED', 'S'],
      ] as const) {
        await call(client, 'get_next_step');
        // With one step left, the subtask stands for it.
        const { structuredContent: found } = await call(client, 'set_task_status', {
          task: wanted,
          status: word,
        });
        assert.deepEqual([found?.task, found?.status, found?.verified], [step, 'done', true]);
      }
    });

    it('is told what is wrong with its arguments', async (t) => {
      const client = await (await open(t)).client();
      const wrong: readonly (readonly [string, Record<string, unknown>])[] = [
        ['complete_step', {}],
        ['complete_step', { step: 3 }],
        ['complete_step', { step: '', note: 'x' }],
        ['complete_step', { step: 'S-1', done: true }],
        ['complete_step', { step: 'x'.repeat(10_000) }],
        ['set_task_status', { task: 'S-1', status: 'finished' }],
        ['workflow_check', { documents: [] }],
        ['workflow_check', { documents: 'deploy.md' }],
      ];
      for (const [name, args] of wrong) assert.equal(await codeOf(client, name, args), 'arguments-invalid');
      assert.equal(await codeOf(client, 'get_evidence', { step: 'S-9' }), 'id-unknown');
      await assert.rejects(
        call(client, 'rm_rf'),
        (error) => (error as { data?: { code: string } }).data?.code === 'tool-unknown',
      );
    });

    it('is told what the controller says, and that nothing is done which cannot be recorded', async (t) => {
      const { client: connect, controller } = await open(t);
      const client = await connect();
      const refused = new SluiceError({
        code: 'not-entitled',
        message: 'ann may not deploy here.',
        remedy: 'Ask.',
      });
      controller.answers = { deploy: () => Promise.reject(refused) };
      assert.equal(await codeOf(client, 'release_deploy', { ...aimed, unit: 'U-1' }), 'not-entitled');
      controller.answers = { mcpCalled: () => Promise.reject(refused) };
      const before = controller.asked.length;
      assert.equal(await codeOf(client, 'release_deploy', { ...aimed, unit: 'U-1' }), 'not-entitled');
      assert.deepEqual(
        controller.asked.slice(before).map(({ method }) => method),
        ['mcpCalled'],
      );
    });

    it('reads documents, runs and reports, and nothing else', async (t) => {
      const { client: connect, workspace } = await open(t);
      await symlink('/etc', join(workspace, 'etc'));
      const client = await connect();
      const { resources } = await client.listResources();
      assert.deepEqual(
        resources.map(({ uri }) => uri),
        [
          'sluice://documents/deploy.md',
          'sluice://runs/r-1',
          'sluice://runs/r-1/report',
          'sluice://rollouts/web-1/report',
        ],
      );
      for (const { uri } of resources) {
        const { contents } = await client.readResource({ uri });
        assert.ok((contents[0] as { text: string }).text.length > 0, uri);
      }
      assert.equal((await client.listResourceTemplates()).resourceTemplates.length, 4);
      for (const path of ['notes.md', '../deploy.md', '/etc/passwd', 'etc/passwd', 'none.md', '%zz'])
        await assert.rejects(client.readResource({ uri: `sluice://documents/${path}` }), isMissing, path);
      for (const uri of ['sluice://rollouts/x', 'sluice://other/x', 'file:///etc/passwd'])
        await assert.rejects(client.readResource({ uri }), isMissing, uri);
      for (const name of ['etc/passwd', '../x', '/etc/passwd', 'none.md'])
        assert.match(
          (await codeOf(client, 'workflow_check', { documents: [name] })) ?? '',
          /^(path-outside|file-not-readable)$/,
        );
    });
  });
}

function isMissing(error: unknown): boolean {
  const { code, data } = error as { code: number; data?: unknown };
  return code === -32_002 && isErrorFacts({ ...(data as object), message: '' });
}

describe('a line to an agent', () => {
  it('carries nothing but the protocol, also after lines that are none', async (t) => {
    const house = await overStdio(t);
    const client = await house.client();
    const { toServer, fromServer } = house.lines();
    const seen: string[] = [];
    fromServer.on('data', (chunk: Buffer) => seen.push(chunk.toString()));
    toServer.write('no json\n{"jsonrpc":"1.0"}\n[]\n\n');
    assert.notEqual((await call(client, 'incidents')).isError, true);
    for (const line of seen.join('').trim().split('\n')) assert.equal(JSON.parse(line).jsonrpc, '2.0');
  });

  it('ends with the agent, in the middle of a call too', async (t) => {
    const house = await overStdio(t);
    house.controller.verdict = null;
    const client = await house.client();
    const { toServer, ended } = house.lines();
    await call(client, 'get_next_step');
    client.callTool({ name: 'complete_step', arguments: { step: 'S-1' } }).catch(() => {});
    await house.controller.saw((method) => method === 'workflowTell');
    toServer.end();
    await ended;
    assert.equal(house.controller.said.length, 1);
  });
});

describe('the door over HTTP', () => {
  const initialize = {
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
  };
  const good = {
    Authorization: `Bearer ${token}`,
    'Content-Type': 'application/json',
    Accept: 'application/json, text/event-stream',
  };

  async function post(url: URL | null, headers: Record<string, string>, body: string): Promise<Response> {
    assert.ok(url);
    return fetch(url, { method: 'POST', headers, body });
  }

  it('is shut for who has no token, the wrong one, or comes from a foreign page', async (t) => {
    const { url } = await overHttp(t);
    const { Authorization: _, ...without } = good;
    const rows: readonly (readonly [Record<string, string>, number, string])[] = [
      [without, 401, 'token-wrong'],
      [{ ...good, Authorization: 'Bearer guess' }, 401, 'token-wrong'],
      [{ ...good, Origin: 'https://evil.example' }, 403, 'origin-foreign'],
    ];
    for (const [headers, status, code] of rows) {
      const response = await post(url, headers, JSON.stringify(initialize));
      assert.equal(response.status, status);
      assert.equal(((await response.json()) as { error: { data: { code: string } } }).error.data.code, code);
    }
    assert.equal((await post(url, good, JSON.stringify(initialize))).status, 200);
  });

  it('answers what is no call with an error, and goes on', async (t) => {
    const { url, client } = await overHttp(t);
    const list = JSON.stringify({ jsonrpc: '2.0', id: 2, method: 'tools/list' });
    const rows: readonly (readonly [body: string, headers: Record<string, string>, status: number])[] = [
      ['{', good, 400],
      ['{}', good, 400],
      [list, good, 400],
      [list, { ...good, 'Mcp-Session-Id': 'guessed' }, 404],
      [JSON.stringify({ ...initialize, filler: 'x'.repeat(2_000_000) }), good, 413],
    ];
    for (const [body, headers, status] of rows) {
      assert.equal((await post(url, headers, body)).status, status, body.slice(0, 40));
    }
    const elsewhere = await fetch(new URL('/other', url ?? ''), { headers: good });
    assert.equal(elsewhere.status, 404);
    assert.notEqual((await call(await client(), 'incidents')).isError, true);
  });

  it('outlives a client that disappears in the middle of a call', async (t) => {
    const { url, client: connect, controller } = await overHttp(t);
    controller.verdict = null;
    const leaving = await connect('leaving');
    await call(leaving, 'get_next_step');
    const waiting = leaving.callTool({ name: 'complete_step', arguments: { step: 'S-1', waitSeconds: 5 } });
    waiting.catch(() => {});
    await controller.saw((method) => method === 'workflowTell');
    await leaving.close();
    controller.judge('S-1', true);
    const { structuredContent: found } = await call(await connect('staying'), 'get_evidence', {
      step: 'S-1',
    });
    assert.equal(found?.status, 'SUCCEEDED');
    assert.ok(url);
  });

  it('lets the one leave that was silent for longest when too many come', async (t) => {
    const { url } = await overHttp(t);
    const ids: string[] = [];
    for (let count = 0; count < 65; count += 1) {
      const response = await post(url, good, JSON.stringify(initialize));
      await response.text();
      ids.push(response.headers.get('mcp-session-id') ?? '');
    }
    const ping = JSON.stringify({ jsonrpc: '2.0', id: 3, method: 'ping' });
    const status = async (id: string) => (await post(url, { ...good, 'Mcp-Session-Id': id }, ping)).status;
    assert.equal(await status(ids[0] ?? ''), 404);
    assert.equal(await status(ids[1] ?? ''), 200);
    assert.equal(await status(ids[64] ?? ''), 200);
  });
});

it('shows agents the names of variables in bindings, and not what they hold', async (t) => {
  const { parts, workspace } = await partsOf(t);
  const bindings = 'steps:\n  P01-T01-S01-1:\n    person: "$' + '{env:SECRET}"\n';
  await writeFile(join(workspace, 'deploy.bindings.yml'), bindings);
  const plan = await parts.documents
    .plan({ documents: ['deploy.md'], bindings: 'deploy.bindings.yml' })
    .catch((error) => error);
  assert.match(JSON.stringify(plan), /env:SECRET/);
});

it('has a tool for each that the documentation names, and the other way round', async () => {
  const page = await readFile(join(import.meta.dirname, '../../docs/mcp.md'), 'utf8');
  const named = [...page.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name);
  assert.deepEqual(named.sort(), tools.map(({ name }) => name).sort());
});
