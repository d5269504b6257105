import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { monolith, role, task } from '../workflow/reading/fixtures.ts';

const main = join(import.meta.dirname, '../main.ts');

const bindings = `
steps:
  P02-T01-S01-01: { run: ./measure.sh, probe: true, undo: ./unmeasure.sh }
  P02-T01-S02-01: { run: ./ask.sh }
agents:
  "@builder-agent": { command: builder --headless, instructions: builder.md }
  "@site-lead": ann@shed.example
hosts: { heater: "http://127.0.0.1:8080" }
tests: { wall-tests: npm test }
checks: { wall-cluster: ./cluster.sh }
`;

const conflict = (ours: string, theirs: string) => `<<<<<<< HEAD\n${ours}=======\n${theirs}>>>>>>> other\n`;

describe('sluice workflow', () => {
  let place = '';
  before(async () => {
    place = await mkdtemp(join(tmpdir(), 'sluice-workflow-'));
    const files = {
      'shed.md': monolith,
      'roof.md': task,
      'builder.md': 'You build with care.',
      'shed.bindings.yml': bindings,
      'wrong.yml': 'steps:\n  A: { runs: x }\n  B: { timeout: 5 }\n',
      'unused.yml':
        'steps: { P02-T01-S09: { person: true } }\nagents: { "@builder-agent": { command: x, instructions: gone.md } }\n',
      'conflict.md': conflict(monolith, task),
      'role.md': role,
      'empty.md': '',
    };
    for (const [name, text] of Object.entries(files)) await writeFile(join(place, name), text);
  });
  after(() => rm(place, { recursive: true, force: true }));

  function sluice(...args: readonly string[]): Promise<{ code: number; out: string; errors: string }> {
    return new Promise((resolve) => {
      execFile(
        process.execPath,
        [main, 'workflow', ...args],
        { cwd: place, maxBuffer: 1 << 26 },
        (error, out, errors) => resolve({ code: Number(error?.code ?? 0), out, errors }),
      );
    });
  }

  async function json(...args: readonly string[]) {
    const { code, out, errors } = await sluice(...args, '--json');
    assert.equal(code, 0, errors + out);
    return out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  }

  describe('check', () => {
    it('tells without bindings what is missing', async () => {
      const [found] = await json('check', 'shed.md');
      assert.equal(found.generation, 'monolith');
      assert.deepEqual(found.readiness.understood, []);
      assert.deepEqual(found.readiness.needsBinding, ['P02-T01-S01-01', 'P02-T01-S01-02', 'P02-T01-S02-01']);
      assert.deepEqual(found.readiness.humanJudged, ['P02-T01-S02-01']);
      assert.deepEqual(
        found.readiness.needs.map(({ what }: { what: string }) => what),
        [
          '`hosts: { "heater": ADDRESS }`',
          '`tests: { "wall-tests": COMMAND }`',
          '`checks: { "wall-cluster": COMMAND }`',
        ],
      );
    });

    it('tells with bindings what is understood and what a person must judge', async () => {
      const [found] = await json('check', 'shed.md', '--bindings', 'shed.bindings.yml');
      const { understood, needsBinding, humanJudged, unproven } = found.readiness;
      assert.deepEqual(understood, ['P02-T01-S01-01', 'P02-T01-S01-02']);
      assert.deepEqual([needsBinding, humanJudged], [[], ['P02-T01-S02-01']]);
      assert.deepEqual(unproven, ['P02-T01-S01-02']);
      const codes = found.problems.map(({ code }: { code: string }) => code);
      assert.ok(!codes.includes('placeholder-host') && !codes.includes('agent-unknown'), codes.join());
    });

    it('tells what a criterion needs beyond the permission, and entries that bind nothing', async () => {
      await writeFile(join(place, 'edit.md'), monolith.replaceAll('run_terminal_cmd', 'web_search'));
      const [found] = await json('check', 'edit.md', '--bindings', 'unused.yml');
      const told = found.problems.map(
        ({ code, message }: { code: string; message: string }) => `${code} ${message}`,
      );
      const text = told.join('\n');
      assert.match(text, /criterion-beyond-permission P02-T01-S02-01: the process heater must run/);
      assert.match(text, /binding-unused unused\.yml:1 "P02-T01-S09"/);
      assert.match(text, /instructions-missing unused\.yml:2 .*gone\.md/);
      assert.match(text, /agent-unknown @site-lead/);
    });

    it('judges each side of a conflict by itself', async () => {
      const { code, out } = await sluice('check', 'conflict.md');
      assert.equal(code, 0);
      assert.match(out, /1 unresolved conflict/);
      assert.match(out, /conflict\.md \(ours\): monolith[\s\S]*conflict\.md \(theirs\): task/);
      const [found] = await json('check', 'conflict.md', '--side', 'theirs');
      assert.deepEqual(
        [found.generation, found.conflicts, found.readiness.needsBinding.length],
        ['task', 1, 3],
      );
    });

    it('reads several documents as one plan', async () => {
      const found = await json('check', 'shed.md', 'roof.md', 'role.md');
      assert.deepEqual(
        found.map(({ file, readiness }) => [file, readiness.needsBinding.length]),
        [
          ['shed.md', 3],
          ['roof.md', 3],
          ['role.md', 0],
        ],
      );
    });

    it('names steps without an id as bindings want them, beside their line', async () => {
      const [found] = await json('check', 'roof.md');
      assert.deepEqual(found.readiness.needsBinding, ['P02-T03-S01.1', 'P02-T03-S01.2', 'P02-T03-S01.3']);
      const line = found.readiness.lines['P02-T03-S01.2'];
      const { out } = await sluice('check', 'roof.md');
      assert.ok(out.replace(/\s+/g, ' ').includes(`P02-T03-S01.2 (line ${line})`), out);
    });

    it('stops at bindings that are wrong, with every problem', async () => {
      const { code, errors } = await sluice('check', 'shed.md', '--bindings', 'wrong.yml');
      assert.equal(code, 1);
      assert.match(errors, /wrong\.yml:2:8 "runs" is not a key here\. Did you mean "run"\?/);
      assert.match(errors, /wrong\.yml:3:\d+ "5" is not a duration/);
      assert.match(errors, /\n {4}→ .*\n/);
      assert.match(errors, /\(bindings-invalid\)/);
      assert.match((await sluice('check', 'shed.md', '--bindings', 'none.yml')).errors, /file-not-readable/);
    });
  });

  describe('plan', () => {
    it('prints each step with who does it and how it is judged, within 80 columns', async () => {
      const { code, out, errors } = await sluice('plan', 'shed.md', '--bindings', 'shed.bindings.yml');
      assert.equal(code, 0, errors);
      const broken = out.split('\n').filter((line) => line.length > 80 && line.trim().includes(' '));
      assert.deepEqual(
        broken.filter((line) => !/\S{40,}/.test(line)),
        [],
      );
      assert.match(
        out,
        /○ P02-T01-S01-01 Measure the ground\n {4}by {5}`\.\/measure\.sh`; at most 10m, undone by `\.\/unmeasure\.sh`/,
      );
      assert.match(out, /shows {2}✔ Exit Code: 0 — exit code 0/);
      assert.match(
        out,
        /○ P02-T01-S01-02 Write the sizes\n {4}by {5}@builder-agent, by `builder --headless`/,
      );
      assert.match(out, /nothing proves it: when all holds it is UNPROVEN/);
      assert.match(
        out,
        /fails {2}after 3 more attempts: revert the workspace, then escalate to\s+@site-lead/,
      );
      assert.match(out, /then {3}☐ The walls stand\. — a person signs it/);
      assert.match(out, /3 steps, 0 without anybody to do them; 1 that nothing proves/);
    });

    it('says what is missing where nobody is bound', async () => {
      const { out } = await sluice('plan', 'shed.md');
      assert.match(out, /by {5}✖ nobody yet; it lacks run, sluice, agent or person/);
      assert.match(
        out,
        /\? HTTP Response: GET http:\/\/heater\/health[\s\S]*not\s+judged\s+yet,\s+it\s+lacks\s+`hosts:/,
      );
      assert.match(out, /3 steps, 3 without anybody to do them/);
    });

    it('is the plan as data, with roles and protected paths', async () => {
      const [{ plan, problems }] = await json('plan', 'shed.md', '--bindings', 'shed.bindings.yml');
      assert.deepEqual([plan.nodes.length, plan.groups.length, plan.documents[0].path], [3, 3, 'shed.md']);
      assert.equal(plan.agents[0].instructions, 'You build with care.');
      assert.deepEqual(plan.protectedPaths.slice(0, 4), [
        'QA/**',
        '.sluice/**',
        'shed.md',
        'shed.bindings.yml',
      ]);
      assert.deepEqual(problems, []);
    });

    it('is that of the workspace that a run would have, which has to be there', async () => {
      await mkdir(join(place, 'site'));
      const [{ plan }] = await json('run', 'shed.md', '--dry-run', '--workspace', 'site');
      assert.equal(plan.documents[0].path, '../shed.md');
      const { code, errors } = await sluice('run', 'shed.md', '--dry-run', '--workspace', 'gone');
      assert.equal(code, 1);
      assert.match(errors, /gone is not there[\s\S]*--workspace[\s\S]*\(workspace-missing\)/);
    });

    it('is refused where there is no step to plan', async () => {
      for (const file of ['empty.md', 'role.md']) {
        const { code, errors } = await sluice('plan', file);
        assert.equal(code, 1, file);
        assert.match(errors, /no step in [\s\S]*\(plan-empty\)/);
        assert.ok(errors.includes(file), errors);
      }
    });

    it('follows one side of a conflict, and only when somebody chose', async () => {
      const { code, errors } = await sluice('plan', 'conflict.md');
      assert.equal(code, 1);
      assert.match(errors, /conflict-unresolved/);
      const [{ plan }] = await json('plan', 'conflict.md', '--side', 'ours');
      assert.equal(plan.nodes.length, 3);
    });
  });
});
