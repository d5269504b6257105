import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, it, type TestContext } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { openSqliteJournal } from '../../src/journal/sqlite-journal.ts';
import { Project } from './project.ts';
import { settings } from './settings.ts';

const main = join(import.meta.dirname, '../../src/main.ts');

const document = `# Shed

## Workflow Metadata
- **Workflow-Step**: Shed
- **TaskID**: PHASE1-SHED-001

## MCP Tools Required
- **edit_file**: write

# Phase-01 (Strategic Level) - Ground

## Task-01 (Tactical Level) - Foundations
- ID: P01-T01
- Prerequisites: None

### Subtask (Operational Level) - P01-T01-S01
- ID: P01-T01-S01
- Prerequisites: None
- Agent Assignment: \`@builder-agent\` - Primary capabilities: \`digging\`.
- Max Retries: 3
- On Failure: \`ESCALATE_TO_HUMAN (@site-lead) with logs\`
- Steps:
    - Step ID: P01-T01-S01-01
      - Command: \`Measure the shed\`
      - Tool: \`edit_file\`
      - Description: Write its sizes into sizes.json.
      - Success Criteria:
          - File Exists: \`sizes.json\`
`;

const bindings = `steps:
  P01-T01-S01-01: { probe: grep -q width sizes.json }
agents:
  "@builder-agent": { mcp: builder }
  "@site-lead": { person: ann }
`;

interface Answered {
  readonly isError?: boolean;
  readonly structuredContent: Readonly<Record<string, unknown>> & {
    readonly error?: { readonly code: string };
  };
}

async function call(client: Client, name: string, args: Record<string, unknown> = {}): Promise<Answered> {
  return (await client.callTool({ name, arguments: args })) as unknown as Answered;
}

async function connected(t: TestContext, name: string, transport: Transport): Promise<Client> {
  const client = new Client({ name, version: '1.0.0' });
  await client.connect(transport);
  t.after(() => client.close());
  await client.listTools();
  return client;
}

function overStdio(t: TestContext, project: Project, name: string): Promise<Client> {
  const env = { ...(process.env as Record<string, string>), SLUICE_STATE_DIR: project.path('.sluice') };
  const command = { command: process.execPath, args: [main, 'mcp'], cwd: project.root, env };
  return connected(t, name, new StdioClientTransport({ ...command, stderr: 'ignore' }));
}

/** A server over HTTP of its own, until the end of the test. */
async function opened(
  t: TestContext,
  project: Project,
): Promise<{ readonly url: URL; readonly token: string }> {
  const child = spawn(process.execPath, [main, 'mcp', '--http', '--json'], {
    cwd: project.root,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, SLUICE_STATE_DIR: project.path('.sluice') },
  });
  const ended = once(child, 'close');
  t.after(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const { url, tokenFile } = JSON.parse(line) as { url: string; tokenFile: string };
  return { url: new URL(url), token: (await readFile(tokenFile, 'utf8')).trim() };
}

/** What was put on record of MCP clients, once nobody writes any more. */
async function recorded(project: Project): Promise<readonly string[]> {
  await project.run('down');
  const journal = await openSqliteJournal({ directory: project.path('.sluice', 'journal') });
  const events = await journal.read('mcp');
  await journal.close();
  return events.map(({ type, actor, data }) => `${actor} ${type} ${(data as { tool: string }).tool}`);
}

describe('an agent at the door of a project', () => {
  it('works on a run, and its word alone is not taken', async (t) => {
    const project = await Project.make(t, () => '', []);
    await rm(project.path('sluice.yml'));
    await writeFile(project.path('shed.md'), document);
    await writeFile(project.path('shed.yml'), bindings);
    const builder = await overStdio(t, project, 'builder');
    const listed = await call(builder, 'workflow_list');
    assert.equal((listed.structuredContent.documents as { path: string }[])[0]?.path, 'shed.md');
    const checked = await call(builder, 'workflow_check', { documents: ['shed.md'], bindings: 'shed.yml' });
    const { out } = await project.run('workflow', 'check', 'shed.md', '--bindings', 'shed.yml', '--json');
    assert.deepEqual(checked.structuredContent.documents, [{ file: 'shed.md', ...JSON.parse(out) }]);

    const begun = await call(builder, 'workflow_run', { documents: ['shed.md'], bindings: 'shed.yml' });
    assert.notEqual(begun.isError, true, JSON.stringify(begun));
    const { url, token } = await opened(t, project);
    const requestInit = { headers: { Authorization: `Bearer ${token}` } };
    const other = await connected(
      t,
      'other',
      new StreamableHTTPClientTransport(url, { requestInit }) as Transport,
    );
    const taken = await nextStep(builder);
    assert.equal(taken?.step, 'P01-T01-S01-01');
    assert.equal(await nextStep(other), null);
    const stolen = await call(other, 'complete_step', { step: 'P01-T01-S01-01' });
    assert.equal(stolen.structuredContent.error?.code, 'step-taken');

    const lied = await call(builder, 'complete_step', { step: 'P01-T01-S01-01', note: 'done, believe me' });
    assert.equal(lied.structuredContent.verified, false, JSON.stringify(lied.structuredContent));
    await nextStep(builder);
    await writeFile(
      project.path('sizes.json'),
      '{"width":4,"length":6,"height":3,"unit":"feet","taken":"with a tape"}\n',
    );
    const done = await call(builder, 'set_task_status', { task: 'P01-T01-S01-01', status: 'done' });
    assert.equal(done.structuredContent.verified, true, JSON.stringify(done.structuredContent));
    const report = await builder.readResource({ uri: `sluice://runs/${begun.structuredContent.run}/report` });
    assert.match((report.contents[0] as { text: string }).text, /P01-T01-S01-01/);

    const calls = await recorded(project);
    assert.ok(calls.includes('mcp:builder McpToolCalled complete_step'), calls.join('\n'));
    assert.ok(calls.includes('mcp:other McpToolFailed complete_step'), calls.join('\n'));
  });

  it('releases under the policies, and approves nothing', async (t) => {
    const project = await Project.make(t, ({ production }) => settings(production));
    await project.released('U-1', '1.0.0');
    const client = await overStdio(t, project, 'releaser');
    const { structuredContent } = await call(client, 'release_status', { service: 'web' });
    assert.equal((structuredContent.targets as { target: string }[])[0]?.target, 'web@production');
    const aimed = { service: 'web', to: 'production' };
    const unknown = await call(client, 'release_plan', { ...aimed, unit: 'U-404' });
    assert.ok(unknown.isError === true || unknown.structuredContent.plan === null);
    const refused = await call(client, 'approve', aimed);
    assert.equal(refused.structuredContent.error?.code, 'agent-may-not');
    const history = await call(client, 'release_history');
    const [first] = history.structuredContent.rollouts as { rollout: string; ending: string }[];
    assert.equal(first?.ending, 'succeeded');
    const report = await client.readResource({ uri: `sluice://rollouts/${first?.rollout}/report` });
    assert.match((report.contents[0] as { text: string }).text, /1\.0\.0/);
    assert.ok((await recorded(project)).includes('mcp:releaser McpToolFailed approve'));
  });
});

async function nextStep(client: Client): Promise<{ readonly step: string } | null> {
  const { structuredContent, isError } = await call(client, 'get_next_step');
  assert.notEqual(isError, true, JSON.stringify(structuredContent));
  return structuredContent.step as { step: string } | null;
}
