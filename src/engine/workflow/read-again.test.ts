import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { planChanges } from '../../workflow/run/plan-changes.ts';
import { emptyRun, type WorkflowRun } from '../../workflow/run/state.ts';
import { compileInput } from './compile-input.ts';
import { readAgain } from './read-again.ts';
import { readWorkflowInput } from './workflow-input.ts';

const list = '# Tasks\n- [ ] T001 Make a\n  - Test: a.txt exists\n- [ ] T002 Make b\n';
const bindings = 'steps:\n  T001: { run: make a, tools: [run_terminal_cmd] }\n  T002: { person: true }\n';

describe('what a run is made of, read again', () => {
  let workspace = '';
  let run: WorkflowRun = emptyRun('W-1');
  const write = (name: string, text: string) => writeFile(join(workspace, name), text);
  const again = () => readAgain(run, {});
  const changes = async () => {
    const found = await again();
    assert.ok(found !== null && run.plan !== null);
    const { bound, reworked } = planChanges(run.plan, found.plan);
    return { files: found.files.map(({ path }) => path), bound, reworked };
  };

  before(async () => {
    workspace = await mkdtemp(join(tmpdir(), 'sluice-again-'));
  });
  after(() => rm(workspace, { recursive: true, force: true }));
  beforeEach(async () => {
    await write('tasks.md', list);
    await write('b.yml', bindings);
    const { plan } = compileInput(
      await readWorkflowInput(['tasks.md'], 'b.yml', { workspace, env: {} }),
      undefined,
    );
    run = { ...emptyRun('W-1'), plan, workspace, status: 'running' };
  });

  it('is null where nothing was changed, or the run does not know its files', async () => {
    assert.equal(await again(), null);
    await write('b.yml', `${bindings}concurrency: 2\n`);
    assert.ok(run.plan !== null);
    const { sources: _, ...old } = run.plan;
    run = { ...run, plan: old };
    assert.equal(await again(), null);
  });

  it('tells of corrected bindings the steps that follow them', async () => {
    await write('b.yml', bindings.replace('make a', 'make it'));
    assert.deepEqual(await changes(), { files: ['b.yml'], bound: ['T001.1'], reworked: [] });
  });

  it('tells of a changed document the steps that it words anew', async () => {
    await write('tasks.md', list.replace('Make b', 'Make c'));
    const { files, reworked } = await changes();
    assert.deepEqual([files, reworked], [['tasks.md'], ['T002', 'T002.1']]);
  });

  it('tells of a ticked document no work', async () => {
    await write('tasks.md', list.replace('[ ] T001', '[x] T001'));
    assert.deepEqual(await changes(), { files: ['tasks.md'], bound: [], reworked: [] });
  });

  it('is refused where bindings are wrong or a file is gone', async () => {
    await write('b.yml', 'steps:\n  T001: { runs: x }\n');
    await assert.rejects(again(), { code: 'bindings-invalid' });
    await rm(join(workspace, 'b.yml'));
    await assert.rejects(again(), { code: 'file-not-readable', remedy: /Put it back/ });
  });
});
