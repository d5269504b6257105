import assert from 'node:assert/strict';
import { chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { RunStatus, StepEvidence } from '../../src/engine/workflow/workflow-api.ts';
import { Project } from './project.ts';

const policy = '`REVERT_STATE and ESCALATE_TO_HUMAN (@site-lead) with digging logs`';

function step(id: string, criteria: readonly string[], tool = 'run_terminal_cmd'): string {
  const lines = criteria.map((criterion) => `          - ${criterion}`).join('\n');
  return `    - Step ID: ${id}
      - Command: \`Do ${id}\`
      - Tool: \`${tool}\`
      - Description: Do what ${id} says.
      - Success Criteria:
${lines}
`;
}

function documentOf(subtasks: Readonly<Record<string, readonly string[]>>, onFailure = policy): string {
  const bodies = Object.entries(subtasks).map(
    ([id, steps]) => `### Subtask (Operational Level) - ${id}
- ID: ${id}
- Prerequisites: None
- Agent Assignment: \`@builder-agent\` - Primary capabilities: \`digging\`.
- Max Retries: 0
- On Failure: ${onFailure}
- Steps:
${steps.join('')}`,
  );
  return `# Shed

## Workflow Metadata
- **Workflow-Step**: Shed
- **TaskID**: PHASE1-SHED-001

## MCP Tools Required
- **edit_file**: write
- **run_terminal_cmd**: run

# Phase-01 (Strategic Level) - Ground

## Task-01 (Tactical Level) - Foundations
- ID: P01-T01
- Prerequisites: None

${bodies.join('\n')}`;
}

/** A folder without sluice.yml: a document needs none. */
async function shed(t: TestContext, document: string, bindings: string): Promise<Project> {
  const project = await Project.make(t, () => '', []);
  await rm(project.path('sluice.yml'));
  await writeFile(project.path('shed.md'), document);
  await writeFile(project.path('shed.yml'), bindings);
  return project;
}

const run = ['workflow', 'run', 'shed.md', '--bindings', 'shed.yml'] as const;

function statusesOf({ steps }: RunStatus): Readonly<Record<string, string>> {
  return Object.fromEntries(steps.map(({ id, status }) => [id, status]));
}

describe('a workflow', () => {
  it('is done step by step, proven by its probes, and reported', async (t) => {
    const steps = [
      step('P01-T01-S01-01', [
        'Exit Code: `0`',
        'Output Contains: `"measured"`',
        'File Exists: `sizes.json`',
      ]),
      step('P01-T01-S01-02', ['File Content Matches: `width`', 'File Exists: `sizes.json`']),
    ];
    const project = await shed(
      t,
      documentOf({ 'P01-T01-S01': steps }),
      `steps:
  P01-T01-S01-01:
    run: echo measured 4 by 6 feet; echo '{"width":4,"length":6}' > sizes.json
    probe: grep -q 4 sizes.json
  P01-T01-S01-02: { run: cat sizes.json, probe: test -s sizes.json }
`,
    );
    const { code, out } = await project.run(...run);
    assert.equal(code, 0, out);
    assert.match(out, /2 SUCCEEDED/);
    const evidence = await project.json<StepEvidence>('workflow', 'evidence', 'P01-T01-S01-01');
    const [first] = evidence.attempts;
    assert.deepEqual(
      first?.judgements.map(({ outcome }) => outcome),
      ['holds', 'holds', 'holds', 'holds'],
    );
    assert.match(first?.judgements[2]?.seen.digest ?? '', /^sha256:/);
    assert.match((await project.run('workflow', 'report', '--junit')).out, /failures="0"/);
  });

  it('takes everything back where a step fails, byte for byte, and names what it could not', async (t) => {
    const steps = [step('P01-T01-S01-01', ['Exit Code: `0`']), step('P01-T01-S01-02', ['Exit Code: `0`'])];
    const project = await shed(
      t,
      documentOf({ 'P01-T01-S01': steps }),
      `steps:
  P01-T01-S01-01: { run: "rm old.txt; rmdir empty; echo new > new.txt; chmod 600 mode.txt; echo x >> mode.txt", probe: true }
  P01-T01-S01-02: { run: "exit 3", probe: true, undo: "touch undone.flag" }
agents:
  "@builder-agent": { person: ann }
  "@site-lead": { person: bob, notice: "cat > told.txt" }
`,
    );
    await mkdir(project.path('empty'));
    await writeFile(project.path('old.txt'), 'old\n');
    await writeFile(project.path('mode.txt'), 'mode\n');
    await chmod(project.path('mode.txt'), 0o755);
    const { code, out } = await project.run(...run);
    assert.equal(code, 3, out);
    assert.equal(await readFile(project.path('old.txt'), 'utf8'), 'old\n');
    assert.equal(await readFile(project.path('mode.txt'), 'utf8'), 'mode\n');
    assert.equal((await stat(project.path('mode.txt'))).mode & 0o777, 0o755);
    assert.ok((await stat(project.path('empty'))).isDirectory());
    await assert.rejects(stat(project.path('new.txt')));
    const status = await project.json<RunStatus>('workflow', 'status');
    assert.deepEqual(statusesOf(status), { 'P01-T01-S01-01': 'REVERTED', 'P01-T01-S01-02': 'ESCALATED' });
    assert.match(status.groups.flatMap(({ notReverted }) => notReverted).join(), /P01-T01-S01-01/);
  });

  it('goes on after a kill of the controller, repeats nothing that was verified, and adopts what was under way', async (t) => {
    const steps = ['01', '02', '03'].map((number) => step(`P01-T01-S01-${number}`, ['Exit Code: `0`']));
    const bound = (number: string, command: string) =>
      `  P01-T01-S01-${number}: { run: "echo ${number} >> done.txt; ${command}", probe: true }\n`;
    const project = await shed(
      t,
      documentOf({ 'P01-T01-S01': steps }, '`ESCALATE_TO_HUMAN (@site-lead) with logs`'),
      `steps:\n${bound('01', 'true')}${bound('02', 'touch begun.flag; sleep 2')}${bound('03', 'true')}`,
    );
    await project.run(...run, '--detach');
    const limit = Date.now() + 20_000;
    while ((await stat(project.path('begun.flag')).catch(() => null)) === null) {
      assert.ok(Date.now() < limit, 'the second step does not begin');
      await setTimeout(20);
    }
    await project.kill('controller');
    const { code, out } = await project.run('workflow', 'resume');
    assert.equal(code, 0, out);
    assert.equal(await readFile(project.path('done.txt'), 'utf8'), '01\n02\n03\n');
  });

  it('blocks what nobody is bound to, and takes no word for evidence', async (t) => {
    const steps = [step('P01-T01-S01-01', ['File Exists: `sizes.json`'], 'edit_file')];
    const project = await shed(
      t,
      documentOf({ 'P01-T01-S01': steps }, '`ESCALATE_TO_HUMAN (@site-lead) with logs`'),
      'steps:\n  P01-T01-S01-01: { probe: "grep -q width sizes.json" }\n',
    );
    assert.equal((await project.run(...run)).code, 3);
    assert.deepEqual(statusesOf(await project.json<RunStatus>('workflow', 'status')), {
      'P01-T01-S01-01': 'BLOCKED',
    });
    const said = ['workflow', 'complete', 'P01-T01-S01-01', '--note', 'I did it'] as const;
    const lied = await project.run(...said);
    assert.equal(lied.code, 1, lied.out);
    await writeFile(project.path('sizes.json'), '{"width":4}\n');
    await project.run('workflow', 'retry', 'P01-T01-S01-01', '--reason', 'now it is there');
    await project.run(...said);
    assert.equal((await project.json<RunStatus>('workflow', 'status')).status, 'succeeded');
  });

  it('is refused where another one works already', async (t) => {
    const project = await shed(
      t,
      documentOf({ 'P01-T01-S01': [step('P01-T01-S01-01', ['Exit Code: `0`'])] }),
      'steps:\n  P01-T01-S01-01: { run: "sleep 5", probe: true }\n',
    );
    await project.run(...run, '--detach');
    const second = await project.run(...run);
    assert.match(second.errors, /run-under-way/);
    assert.equal((await project.run('workflow', 'cancel', '--reason', 'enough')).code, 0);
  });
});
