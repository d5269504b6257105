import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { all, monolith, role, specKit, superPrompt, task, taskMaster } from '../reading/fixtures.ts';
import { noBindings } from './bindings.ts';
import { compilePlan } from './compile-plan.ts';
import type { PlanGroup, PlanNode, WorkflowPlan } from './plan.ts';
import { planSource } from './plan-source.ts';
import { readBindings } from './read-bindings.ts';

const seeds = join(import.meta.dirname, '../../../../shared/seeds');

interface Given {
  readonly bindings?: string;
  readonly files?: readonly string[];
  readonly texts?: Readonly<Record<string, string>>;
}

function compiled(documents: Readonly<Record<string, string | Uint8Array>>, given: Given = {}) {
  const read =
    given.bindings === undefined
      ? ({ ok: true, bindings: noBindings } as const)
      : readBindings(given.bindings, { file: 'b.yml' });
  assert.ok(read.ok, JSON.stringify(read));
  const sources = Object.entries(documents).map(([path, text]) => {
    const source = planSource(path, typeof text === 'string' ? new TextEncoder().encode(text) : text, 'ours');
    assert.ok(source !== null);
    return source;
  });
  return compilePlan({
    documents: sources,
    bindings: read.bindings,
    files: given.files ?? [],
    texts: new Map(Object.entries(given.texts ?? {})),
  });
}

function node({ nodes }: WorkflowPlan, id: string): PlanNode {
  const found = nodes.find((one) => one.id === id);
  assert.ok(found !== undefined, `${id} among ${nodes.map((one) => one.id).join(', ')}`);
  return found;
}

function group({ groups }: WorkflowPlan, id: string): PlanGroup {
  const found = groups.find((one) => one.id === id);
  assert.ok(found !== undefined, `${id} among ${groups.map((one) => one.id).join(', ')}`);
  return found;
}

const codes = (problems: readonly { readonly code: string }[]) => problems.map(({ code }) => code);
const tests = (one: Pick<PlanNode, 'criteria'>) => one.criteria.map(({ test }) => test.kind);

describe('a plan of a monolith', () => {
  it('has its ids, needs, retries and failure policies', () => {
    const { plan } = compiled({ 'docs/shed.md': monolith });
    assert.deepEqual(
      plan.groups.map(({ id, kind }) => [id, kind]),
      [
        ['P02-T01-S01', 'subtask'],
        ['P02-T01-S02', 'subtask'],
        ['shed', 'document'],
      ],
    );
    const [first, second, whole] = plan.groups;
    assert.deepEqual(
      [first?.needs, second?.needs, whole?.needs],
      [
        [],
        [{ on: 'P02-T01-S01', condition: 'succeeded' }],
        [
          { on: 'P02-T01-S01', condition: 'succeeded' },
          { on: 'P02-T01-S02', condition: 'succeeded' },
        ],
      ],
    );
    assert.deepEqual([first?.retries, second?.retries], [3, 2]);
    assert.deepEqual(first?.failure.actions, ['revert', 'escalate']);
    assert.deepEqual([first?.failure.to, second?.failure.actions], ['@site-lead', ['notify']]);
    assert.deepEqual(node(plan, 'P02-T01-S01-02').needs, [{ on: 'P02-T01-S01-01', condition: 'succeeded' }]);
    assert.deepEqual(first?.task, { id: 'P02-T01', title: 'Foundations & Walls' });
    assert.deepEqual(
      first?.criteria.map(({ test }) => test.kind),
      ['sign-off'],
    );
    assert.deepEqual(
      whole?.criteria.map(({ label, test }) => [label, test.kind]),
      [
        ['', 'sign-off'],
        ['', 'sign-off'],
        ['Dryness', 'sign-off'],
        ['Artifact', 'look'],
        ['Artifact', 'look'],
      ],
    );
  });

  it('goes on behind a step that may be passed over', () => {
    const passed = monolith.replace(
      '`REVERT_STATE and ESCALATE_TO_HUMAN (@site-lead) with digging logs`',
      '`NOTIFY_AND_CONTINUE`',
    );
    assert.deepEqual(node(compiled({ 'a.md': passed }).plan, 'P02-T01-S01-02').needs, [
      { on: 'P02-T01-S01-01', condition: 'started' },
    ]);
  });

  it('is blocked where nobody is bound, and says what is missing', () => {
    const { plan } = compiled({ 'shed.md': monolith });
    const step = node(plan, 'P02-T01-S01-01');
    assert.equal(step.executor, null);
    assert.match(step.missing ?? '', /steps: \{ "P02-T01-S01-01".*@builder-agent under `agents:`/);
    assert.deepEqual(tests(node(plan, 'P02-T01-S02-01')), [
      'unbound',
      'look',
      'unbound',
      'unbound',
      'sign-off',
    ]);
    assert.ok(plan.nodes.every(({ criteria }) => criteria.every(({ proves }) => !proves)));
  });

  it('takes whom the nearest entry binds, with what wider ones add', () => {
    const { plan, problems } = compiled(
      { 'shed.md': monolith },
      {
        bindings: `
steps:
  "*": { person: ann, timeout: 1h, env: { A: "1", B: "1" } }
  P02-T01: { run: ./task.sh, env: { B: "2" }, idempotent: true }
  P02-T01-S01-01: { probe: true, undo: ./undo.sh }
  P02-T01-S01-02: { sluice: lookup, probe: [{ file: sizes.json }, { sluice: seen }] }
  P02-T01-S02-01: { tools: [web_search] }
  P02-T01-S03: { person: bob }
hosts: { heater: "http://127.0.0.1:81" }
tests: { wall-tests: npm test }
checks: { wall-cluster: ./checks/cluster.sh --fast, the walls stand: "true" }
`,
      },
    );
    const first = node(plan, 'P02-T01-S01-01');
    assert.deepEqual(first.executor, { kind: 'run', run: './task.sh', env: { A: '1', B: '2' } });
    assert.deepEqual(
      [first.timeoutMs, first.idempotent, first.undo, first.reachesOutside],
      [3_600_000, true, './undo.sh', true],
    );
    assert.deepEqual(
      first.criteria.map(({ kind, proves }) => [kind, proves]),
      [
        ['exit-code', true],
        ['output-contains', true],
      ],
    );
    const second = node(plan, 'P02-T01-S01-02');
    assert.deepEqual(second.executor, { kind: 'sluice', capability: 'lookup', with: {} });
    assert.deepEqual(
      second.criteria.map(({ id, test, proves }) => [id, test.kind, proves]),
      [
        ['1', 'look', true],
        ['2', 'look', true],
        ['probe-1', 'look', true],
        ['probe-2', 'capability', true],
      ],
    );
    const third = node(plan, 'P02-T01-S02-01');
    assert.deepEqual(tests(third), ['look', 'look', 'look', 'look', 'sign-off']);
    assert.deepEqual(
      third.criteria.map(({ proves }) => proves),
      [false, false, true, true, false],
    );
    assert.ok(third.tools.includes('web_search') && third.tools.includes('run_terminal_cmd'));
    assert.deepEqual(tests(group(plan, 'P02-T01-S02')), ['look']);
    assert.deepEqual(codes(problems), ['binding-unused']);
    assert.match(problems[0]?.message ?? '', /P02-T01-S03.*"P02-T01-S0[12]/);
    const given = ['QA/**', '.sluice/**', 'shed.md', 'b.yml'];
    assert.deepEqual(plan.protectedPaths, [...given, 'package.json', 'checks/cluster.sh']);
  });

  it('lets nobody run commands whom the document does not', () => {
    const { plan } = compiled({ 'shed.md': monolith }, { bindings: 'steps: { "*": { run: make } }' });
    assert.notEqual(node(plan, 'P02-T01-S01-01').executor, null);
    const editing = node(plan, 'P02-T01-S01-02');
    assert.equal(editing.executor, null);
    assert.match(editing.missing ?? '', /run_terminal_cmd is not among its tools/);
    assert.deepEqual(editing.tools, ['file_search', 'codebase_search', 'list_dir', 'edit_file']);
    const granted = compiled(
      { 'shed.md': monolith },
      { bindings: 'steps: { "*": { run: make }, P02-T01-S01-02: { tools: [run_terminal_cmd] } }' },
    );
    assert.notEqual(node(granted.plan, 'P02-T01-S01-02').executor, null);
    const listless = monolith.replace(/## MCP Tools Required[\s\S]*?\n\n/, '');
    assert.deepEqual(node(compiled({ 'shed.md': listless }).plan, 'P02-T01-S01-01').tools, [
      'file_search',
      'codebase_search',
      'list_dir',
      'edit_file',
    ]);
  });

  it('tells what a criterion needs beyond the permission', () => {
    const text = monolith
      .replace(
        '- Tool: `run_terminal_cmd`\n      - Description: Ask it.',
        '- Tool: `edit_file`\n      - Description: Ask it.',
      )
      .replace(
        '- Tool: `edit_file`\n      - Description: Write them',
        '- Tool: `codebase_search`\n      - Description: Write them',
      );
    const beyond = compiled({ 'shed.md': text }).problems.filter(
      ({ code }) => code === 'criterion-beyond-permission',
    );
    assert.deepEqual(
      beyond.map(({ message }) => message.replace(/, and.*/, '')),
      [
        'P02-T01-S01-02: `sizes.json` or `sizes.yml` must be written',
        'P02-T01-S01-02: width.*depth must be written',
        'P02-T01-S02-01: the process heater must run',
      ],
    );
    assert.ok(beyond.every(({ line, file }) => line > 1 && file === 'shed.md'));
  });
});

describe('agents of a plan', () => {
  const bindings = (entry: string) => `agents: { "@builder-agent": ${entry}, "@site-lead": ann }`;

  it('do what nothing else is bound to, where the directory reaches them', () => {
    const { plan } = compiled(
      { 'shed.md': monolith },
      { bindings: bindings('{ command: claude -p, unconfined: true }') },
    );
    const step = node(plan, 'P02-T01-S01-02');
    assert.deepEqual(step.executor, {
      kind: 'agent',
      handle: '@builder-agent',
      via: { kind: 'command', run: 'claude -p', env: {} },
    });
    assert.deepEqual([step.unconfined, step.reachesOutside], [true, true]);
    // Words of an agent are no output of a command.
    assert.deepEqual(tests(node(plan, 'P02-T01-S01-01')), ['unbound', 'unbound']);
    const person = compiled({ 'shed.md': monolith }, { bindings: bindings('ann') }).plan;
    assert.deepEqual(node(person, 'P02-T01-S01-02').executor, { kind: 'person', person: 'ann' });
    const silent = compiled({ 'shed.md': monolith }, { bindings: bindings('{ notice: echo }') }).plan;
    assert.equal(node(silent, 'P02-T01-S01-02').executor, null);
    const model = compiled(
      { 'shed.md': monolith },
      { bindings: bindings('{ model: { protocol: openai, name: m, url: "http://127.0.0.1:1" } }') },
    ).plan;
    assert.equal(node(model, 'P02-T01-S01-02').reachesOutside, false);
  });

  it('have their role from their file, an agent file, or a role document', () => {
    const modes = JSON.stringify({
      customModes: [
        { slug: 'other', roleDefinition: 'No.' },
        {
          slug: 'builder-agent',
          name: 'Builder',
          roleDefinition: 'You build.',
          customInstructions: 'Measure twice.',
          groups: ['edit'],
        },
      ],
    });
    const instructions = (
      entry: string,
      texts: Record<string, string>,
      more: Record<string, string> = {},
    ) => {
      const { plan, problems } = compiled(
        { 'shed.md': monolith, ...more },
        { bindings: bindings(entry), texts },
      );
      return [plan.agents[0]?.instructions, codes(problems)];
    };
    const said = '# Builder\n\nYou build.\n\nMeasure twice.';
    assert.deepEqual(instructions('{ command: x, instructions: roles.json }', { 'roles.json': modes }), [
      said,
      [],
    ]);
    assert.deepEqual(instructions('{ command: x }', { 'any.json': modes }), [said, []]);
    assert.deepEqual(instructions('{ command: x, instructions: b.md }', { 'b.md': 'Build.' }), [
      'Build.',
      [],
    ]);
    assert.deepEqual(instructions('{ command: x, instructions: c.md }', {}), [
      null,
      ['instructions-missing'],
    ]);
    const operator = role.replaceAll('Gardener Agent', 'Builder Agent');
    const [text, problems] = instructions('{ command: x }', {}, { 'role.md': operator });
    assert.match(String(text), /^# Builder Agent — Starting Prompt/);
    assert.deepEqual(problems, []);
  });
});

describe('a plan of a task document', () => {
  it('runs its subtasks from top to bottom, steps by position', () => {
    const two = task.replace(
      '## Quality Gates',
      '### Subtask-02: Lay it\n- **ID**: P02-T03-S02\n- **Steps**:\n    1. Lay the tiles (edit_file)\n- **Max Retries:** three times\n\n## Quality Gates',
    );
    const { plan } = compiled({ 'roof.md': two });
    assert.deepEqual(
      plan.nodes.map(({ id, tools }) => [
        id,
        tools.filter((tool) => !/search|list_dir/.test(tool) || tool === 'web_search'),
      ]),
      [
        ['P02-T03-S01.1', ['web_search']],
        ['P02-T03-S01.2', ['edit_file']],
        ['P02-T03-S01.3', []],
        ['P02-T03-S02.1', ['edit_file']],
      ],
    );
    const last = group(plan, 'P02-T03-S02');
    assert.deepEqual(last.needs, [{ on: 'P02-T03-S01', condition: 'succeeded' }]);
    assert.deepEqual(
      [last.retries, last.failure.actions, last.agents],
      [3, ['escalate'], ['@roofer-agent', '@builder-agent']],
    );
    assert.deepEqual(
      node(plan, 'P02-T03-S01.3').criteria.map(({ test }) => (test.kind === 'look' ? test.look : test)),
      [
        { kind: 'file', paths: ['tiles.json', 'config/tiles.yml', 'tiles.yml'], match: null },
        { kind: 'unbound', needs: '`tests: { "supplier-tests": COMMAND }`' },
      ],
    );
    const artifacts = group(plan, 'roof').criteria.filter(({ label }) => label === 'Artifact');
    assert.deepEqual(
      artifacts.map(({ text }) => text),
      ['docs/roof/Roof_Plan.md', 'docs/roof/Tiles.json', 'config/A/B-tiles.yml or config/tiles.yml'],
    );
  });

  it('tells retries that are no number', () => {
    const { plan, problems } = compiled({
      'roof.md': task.replace('Max Retries:** 1', 'Max Retries:** as needed'),
    });
    assert.equal(group(plan, 'P02-T03-S01').retries, 0);
    assert.deepEqual(codes(problems).filter((code) => code === 'retries-not-understood').length, 1);
  });
});

describe('a plan of a super-prompt', () => {
  it('judges what is to be saved by its schema, and asks for the review', () => {
    const { plan } = compiled({ 'paint.md': superPrompt });
    assert.deepEqual(
      plan.nodes.map(({ command }) => command),
      ['Collect Data/Input', 'Save Output', 'Update Progress'],
    );
    assert.deepEqual(
      plan.nodes[1]?.criteria.map(({ id, kind, text }) => [id, kind, text]),
      [
        ['1', 'file-exists', 'docs/paint/Colours.md'],
        ['2', 'json-valid', 'docs/paint/Plan.json'],
        ['3', 'json-valid', 'docs/paint/Order.json'],
      ],
    );
    assert.match(plan.documents[0]?.superPrompt ?? '', /paint the shed/);
    const whole = group(plan, 'paint');
    assert.deepEqual(
      whole.criteria.map(({ label }) => label),
      ['', '', 'Artifact', 'Artifact', 'Artifact', 'Reviewed'],
    );
    assert.deepEqual(whole.agents, ['@painter-agent', '@builder-agent']);
  });
});

describe('a plan of lists of tasks', () => {
  it('keeps their ids, dependencies and what may run beside others', () => {
    const { plan } = compiled({ 'tasks.md': specKit });
    assert.deepEqual(
      plan.nodes.map(({ id, group: owner }) => [id, owner]),
      [
        ['T001.1', 'T001'],
        ['T002.1', 'T002'],
        ['T003.1', 'T003'],
      ],
    );
    assert.deepEqual(
      group(plan, 'T003').needs.map(({ on }) => on),
      ['T001', 'T002'],
    );
    assert.deepEqual(
      plan.groups.map(({ parallel }) => parallel),
      [false, true, true, false],
    );
    assert.deepEqual(tests(node(plan, 'T002.1')), ['look']);
  });

  it('reads those of task-master', () => {
    const { plan } = compiled({ 'tasks.json': taskMaster });
    assert.deepEqual(
      plan.groups.map(({ id }) => id),
      ['1', '2.1', '2.2', 'tasks'],
    );
    assert.deepEqual(
      group(plan, '2.2').needs.map(({ on }) => on),
      ['1', '2.1'],
    );
    assert.deepEqual(
      plan.nodes.map(({ id }) => id),
      ['1.1', '2.1.1', '2.2.1'],
    );
  });

  it('is empty for a role', () => {
    const { plan } = compiled({ 'role.md': role });
    assert.deepEqual([plan.nodes, plan.groups], [[], []]);
  });
});

describe('a plan of several documents', () => {
  const front = (id: string, more: string) =>
    `---\ntask_id: ${id}\nagent: "@a"\n${more}\n---\n## Output Artifacts Checklist\n- [ ] out/${id}.md — A (missing)\n\n` +
    `## Super-Prompt\nDo ${id}.\n\n## Subtasks (Detailed)\n### Subtask-01: One\n- **ID**: ${id}-S01\n`;
  const steps = '- **Steps**:\n    1. Write it (edit_file)\n';
  const links = (path: string) => `- **Documentation Links**: [x](mdc:${path})\n`;

  it('begins a document when the one before is done, and looks for its files first', () => {
    const one = front('P1-S1-T1', 'next_task: P1-S1-T2') + steps;
    const two = front('P1-S1-T2', 'previous_task: P1-S1-T1') + links('out/P1-S1-T1.md') + steps;
    for (const documents of [
      { 'one.md': one, 'two.md': two },
      { 'two.md': two, 'one.md': one },
    ]) {
      const { plan, problems } = compiled(documents);
      const second = group(plan, 'P1-S1-T2-S01');
      assert.deepEqual(second.needs, [{ on: 'one', condition: 'succeeded' }]);
      assert.deepEqual(
        second.preconditions.map(({ id, label, text, test }) => [id, label, text, test.kind]),
        [['before-1', 'Input', 'out/P1-S1-T1.md', 'look']],
      );
      assert.deepEqual(group(plan, 'P1-S1-T1-S01').preconditions, []);
      assert.deepEqual(problems, []);
      assert.deepEqual(plan.documents.map(({ superPrompt: said }) => said).sort(), [
        'Do P1-S1-T1.',
        'Do P1-S1-T2.',
      ]);
    }
  });

  it('puts the name of the document before ids that two of them have, and tells it', () => {
    const { plan, problems } = compiled({
      'a/one.md': monolith,
      'b/two.md': monolith.replaceAll('P02-T01-S02', 'P02-T01-S07'),
    });
    assert.deepEqual(
      plan.groups.map(({ id }) => id),
      ['one/P02-T01-S01', 'P02-T01-S02', 'one', 'two/P02-T01-S01', 'P02-T01-S07', 'two'],
    );
    assert.deepEqual(group(plan, 'P02-T01-S07').needs, [{ on: 'two/P02-T01-S01', condition: 'succeeded' }]);
    const told = problems.filter(({ code }) => code === 'id-in-two-documents');
    assert.deepEqual(
      told.map(({ file }) => file),
      ['b/two.md', 'b/two.md', 'b/two.md'],
    );
    assert.match(told[0]?.message ?? '', /a\/one\.md/);
  });

  it('finds a prerequisite in the one other document that has it, and keeps one that nobody has', () => {
    const other = monolith
      .replaceAll('P02-T01', 'P03-T01')
      .replace(
        '- Prerequisites: None\n\n###',
        '- Prerequisites: Task P02-T01 must be `SUCCEEDED`, the weather is dry; P09-T09\n\n###',
      );
    const { plan } = compiled({ 'one.md': monolith, 'two.md': other });
    assert.deepEqual(
      group(plan, 'P03-T01-S01').needs.map(({ on }) => on),
      ['P02-T01-S01', 'P02-T01-S02', 'P09-T09'],
    );
  });

  it('waits for a person where a prerequisite is a sentence', () => {
    const { plan } = compiled({
      'a.md': monolith.replace('Subtask P02-T01-S01 must be `SUCCEEDED`', 'The weather is dry.'),
    });
    assert.deepEqual(
      group(plan, 'P02-T01-S02').preconditions.map(({ label, text, test }) => [label, text, test.kind]),
      [['Prerequisite', 'The weather is dry.', 'sign-off']],
    );
  });
});

describe('the large document', { skip: !existsSync(seeds) }, () => {
  const file = existsSync(seeds) ? (readdirSync(seeds).find((name) => name.startsWith('003_')) ?? '') : '';

  it('becomes 102 steps in 20 subtasks, every criterion with a test, and 3 that prove something', () => {
    const bytes = readFileSync(join(seeds, file));
    const bindings = `hosts: { test-env: "http://127.0.0.1:1" }\ntests: { pipeline-tests: x }\nchecks: { kubernetes-orchestration: x, kubernetes-service-discovery: x }`;
    const { plan, problems } = compiled({ 'deploy.md': bytes }, { bindings });
    assert.deepEqual([plan.nodes.length, plan.groups.length], [102, 21]);
    const criteria = plan.nodes.flatMap((one) => one.criteria);
    assert.equal(criteria.length, 204);
    assert.equal(criteria.filter(({ proves }) => proves).length, 3);
    assert.deepEqual(
      criteria.filter(({ test }) => test.kind === 'unbound' || test.kind === 'sign-off'),
      [],
    );
    assert.equal(
      plan.groups.filter(({ failure }) => failure.actions.join() === 'revert,escalate').length,
      18,
    );
    assert.deepEqual(codes(problems), [
      'criterion-beyond-permission',
      'criterion-beyond-permission',
      'criterion-beyond-permission',
    ]);
    const content = criteria.filter(({ kind }) => kind === 'file-content');
    assert.ok(
      content.every(
        ({ test }) =>
          test.kind === 'look' && test.look.kind === 'file' && test.look.match?.kind === 'pattern',
      ),
    );
    const bare = compiled({ 'deploy.md': bytes }).plan.nodes.flatMap((one) => one.criteria);
    assert.equal(bare.filter(({ test }) => test.kind === 'unbound').length, 7);
  });
});

describe('any document', () => {
  it('becomes a plan with unique ids, whatever was cut out of it', () => {
    const text = fc.constantFrom(...Object.values(all));
    const cut = fc.array(fc.nat(80), { maxLength: 12 });
    fc.assert(
      fc.property(text, cut, (whole, lines) => {
        const { plan } = compiled({
          'a.md': whole
            .split('\n')
            .filter((_, index) => !lines.includes(index))
            .join('\n'),
          'b.md': whole,
        });
        const ids = [...plan.nodes, ...plan.groups].map(({ id }) => id);
        assert.equal(new Set(ids).size, ids.length);
        const groups = new Set(plan.groups.map(({ id }) => id));
        assert.ok(
          plan.nodes.every((one) => groups.has(one.group) && (one.executor !== null || one.missing !== null)),
        );
        for (const one of [...plan.nodes, ...plan.groups])
          assert.equal(new Set(one.criteria.map(({ id }) => id)).size, one.criteria.length);
        assert.deepEqual(JSON.parse(JSON.stringify(plan)), plan);
      }),
      { numRuns: 60 },
    );
  });
});
