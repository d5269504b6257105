import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Step, Subtask, WorkflowDocument } from './document.ts';
import { neighbourOf } from './links.ts';
import { readDocument } from './read-document.ts';

/** Shapes that people write and that were once read wrongly. */
function read(text: string): WorkflowDocument {
  const reading = readDocument(new TextEncoder().encode(text));
  assert.ok('document' in reading);
  return reading.document;
}

const subtasksOf = (document: WorkflowDocument): readonly Subtask[] =>
  document.tasks.flatMap(({ subtasks }) => subtasks);
const stepsOf = (document: WorkflowDocument): readonly Step[] =>
  subtasksOf(document).flatMap(({ steps }) => steps);
const told = ({ criteria }: Pick<Step, 'criteria'>) =>
  criteria.map(({ label, kind, text }) => [label, kind, text]);
const codes = ({ problems }: WorkflowDocument) => problems.map(({ code }) => code);

/** A monolith of one subtask with these lines. */
const subtask = (...lines: readonly string[]) =>
  ['# T', '## Workflow Metadata', '- TaskID: X-1', '## Task-01: T', '### Subtask-01: S', ...lines].join('\n');
const step = (...lines: readonly string[]) =>
  subtask('- Steps:', '  - Step ID: X-1-01', '    - Command: `make`', ...lines.map((line) => `    ${line}`));

/** A task document with these lines below its subtasks. */
const task = (...lines: readonly string[]) =>
  ['---', 'task_id: P01-S01-T01', '---', '# Subtasks', ...lines].join('\n');

describe('a monolith', () => {
  it('stays one where a checklist of artifacts stands beside its steps', () => {
    assert.equal(
      read(`${step()}\n## Output Artifacts Checklist\n- [ ] a.md — A (missing)\n`).generation,
      'monolith',
    );
  });

  it('may give the id of a step in brackets, bold or as code', () => {
    for (const id of ['[X-1-01]', '`X-1-01`', '**X-1-01**', '(X-1-01)', '"X-1-01"'])
      assert.equal(
        stepsOf(read(subtask('- Steps:', `  - **Step ID:** ${id}`, '    - Command: `make`')))[0]?.id,
        'X-1-01',
        id,
      );
  });

  it('may give several labelled criteria on one line', () => {
    const [one] = stepsOf(read(step('- Success Criteria: Exit Code: `0`, Output Contains: "a, b"')));
    assert.deepEqual(one === undefined ? [] : told(one), [
      ['Exit Code', 'exit-code', '0'],
      ['Output Contains', 'output-contains', '"a, b"'],
    ]);
    const [other] = stepsOf(read(step('- Success Criteria: Output Contains: one, two')));
    assert.deepEqual(other === undefined ? [] : told(other), [
      ['Output Contains', 'output-contains', 'one, two'],
    ]);
  });

  it('may put what a criterion says below its label, and tells only one that says nothing', () => {
    const below = read(step('- Success Criteria:', '  - Output Contains:', '    - "PONG"'));
    assert.deepEqual(told(stepsOf(below)[0] ?? { criteria: [] }), [
      ['Output Contains', 'output-contains', '"PONG"'],
    ]);
    assert.ok(!codes(below).includes('criterion-empty'));
    assert.ok(codes(read(step('- Success Criteria:', '  - Output Contains:'))).includes('criterion-empty'));
  });

  it('has no criterion where it says None', () => {
    for (const none of ['None', '`N/A`', '-']) {
      const document = read(step(`- Success Criteria: ${none}`));
      assert.deepEqual(stepsOf(document)[0]?.criteria, [], none);
    }
  });

  it('may tell its failure policy as a sentence', () => {
    const policies: Readonly<Record<string, readonly [string | null, string | null]>> = {
      'Retry twice, then escalate to @lead.': ['ESCALATE_TO_HUMAN', '@lead'],
      'Revert state and escalate to a human (@lead) with logs': [
        'REVERT_STATE and ESCALATE_TO_HUMAN',
        '@lead',
      ],
      'Roll back the migration': ['REVERT_STATE', null],
      'Notify @lead and continue with the next step': ['NOTIFY_AND_CONTINUE', '@lead'],
      'Escalate to @lead; do not roll back': ['ESCALATE_TO_HUMAN', '@lead'],
      Cry: [null, null],
    };
    for (const [text, expected] of Object.entries(policies)) {
      const [one] = subtasksOf(read(subtask(`- On Failure: ${text}`, '- Steps:', '  - Step ID: X-1-01')));
      assert.deepEqual([one?.onFailure.policy, one?.onFailure.to], expected, text);
    }
  });
});

describe('steps, fields and ids', () => {
  it('keep the command of a step whose point or heading only titles it', () => {
    const document = read(
      subtask(
        '- Steps:',
        '  - **X-1-01**: Launch',
        '    - Command: `run`',
        '  1. Count',
        '     - Command: count',
      ).replaceAll('X-1-01', 'P01-T01-S01-01'),
    );
    assert.deepEqual(
      stepsOf(document).map(({ command, description }) => [command, description]),
      [
        ['run', 'Launch'],
        ['count', 'Count'],
      ],
    );
    assert.ok(!codes(document).includes('step-without-id'));
  });

  it('may stand in brackets before what a step does', () => {
    const document = read(subtask('- Steps:', '  1. [P01-T01-S01-01] Go (edit_file)'));
    assert.deepEqual(
      stepsOf(document).map(({ id, command, tools }) => [id, command, tools]),
      [['P01-T01-S01-01', 'Go', ['edit_file']]],
    );
  });

  it('are no steps where it says None', () => {
    assert.deepEqual(stepsOf(read(subtask('- Steps: None'))), []);
  });

  it('put criteria under a heading beside `Steps` to the subtask, and under one of a step to the step', () => {
    const document = read(
      subtask(
        '#### Steps',
        '##### P01-T01-S01-01: Build',
        '###### Success Criteria',
        '- Exit Code: 0',
        '#### Success Criteria',
        '- Shipped',
      ),
    );
    assert.deepEqual(
      stepsOf(document)[0]?.criteria.map(({ text }) => text),
      ['0'],
    );
    assert.deepEqual(
      subtasksOf(document)[0]?.criteria.map(({ text }) => text),
      ['Shipped'],
    );
  });

  it('name several agents with what each can do', () => {
    const [one] = subtasksOf(read(subtask('- Agent Assignment: `@a` (x, y), `@b` and @c (z)')));
    assert.deepEqual(
      [one?.agents, one?.capabilities],
      [
        ['@a', '@b', '@c'],
        ['x', 'y', 'z'],
      ],
    );
    const [other] = subtasksOf(
      read(subtask('- Agent Assignment: `@a` - Primary capabilities: `x` (all), `y`.')),
    );
    assert.deepEqual([other?.agents, other?.capabilities], [['@a'], ['x', 'y']]);
  });

  it('may wrap a labelled criterion in one code span, and join two', () => {
    const [one] = stepsOf(read(step('- Success Criteria: `Exit Code: 0` and `Output Contains: "c"`')));
    assert.deepEqual(told(one ?? { criteria: [] }), [
      ['Exit Code', 'exit-code', '0'],
      ['Output Contains', 'output-contains', '"c"'],
    ]);
    const [other] = stepsOf(read(step('- Success Criteria:', '  - `Exit Code: 0`')));
    assert.deepEqual(told(other ?? { criteria: [] }), [['Exit Code', 'exit-code', '0']]);
  });

  it('may be several on a line of the metadata', () => {
    const { metadata } = read('# A\n## Workflow Metadata\n**TaskID**: X-1 | **Version**: 1.0\n');
    assert.deepEqual(metadata, { TaskID: 'X-1', Version: '1.0' });
  });
});

describe('prerequisites', () => {
  const two = (needs: string) =>
    subtask(
      '- ID: P01-T01-S01',
      '### Subtask-02: B',
      '- ID: P01-T01-S02',
      `- Prerequisites: ${needs}`,
      '- Steps: x',
    );
  const ids = (needs: string) => subtasksOf(read(two(needs)))[1]?.prerequisites.map(({ id }) => id);

  it('may be a number of the same task, or a range', () => {
    assert.deepEqual(ids('Subtask-01 must be `SUCCEEDED`'), ['P01-T01-S01']);
    assert.deepEqual(ids('Subtask-01 of the phase before'), [null]);
    assert.deepEqual(ids('P01-T02 through P01-T04 must be SUCCEEDED'), ['P01-T02', 'P01-T03', 'P01-T04']);
  });

  it('do not take up a note below them', () => {
    assert.deepEqual(ids('P01-T01-S01\n> Note: see above'), ['P01-T01-S01']);
  });
});

describe('a checklist of artifacts', () => {
  const artifacts = (...lines: readonly string[]) =>
    read(
      `${task('## Subtask-01: A', '- **Steps**:', '  1. Go')}\n# Output Artifacts Checklist\n${lines.join('\n')}\n`,
    ).artifacts.map(({ path, name, checked, alternatives }) => [path, name, checked, alternatives]);

  it('may be a table with its boxes in a column', () => {
    assert.deepEqual(artifacts('| Done | Path | Name |', '|---|---|---|', '| [x] | docs/One.md | One |'), [
      ['docs/One.md', 'One', true, []],
    ]);
  });

  it('may name several on a line, in quotation marks, behind a label and with a dash that touches', () => {
    assert.deepEqual(
      artifacts(
        '- [ ] `a.md`, `b.md` — both (missing)',
        '- [ ] "docs/With Space.md" — spaced',
        '- [ ] docs/Six.md—Six (missing)',
        '- [ ] Report: docs/Seven.md',
        '  - must be good',
        '- [ ] ~~docs/Old.md~~',
        '- [ ] _docs/Y.md_ — Y',
        '- [ ] **docs/Z.md** — Z',
        '- [ ] either `p.md` or q.md — one',
      ),
      [
        ['a.md', 'a.md', false, []],
        ['b.md', 'b.md', false, []],
        ['docs/With Space.md', 'spaced', false, []],
        ['docs/Six.md', 'Six', false, []],
        ['docs/Seven.md', 'Report', false, []],
        ['docs/Y.md', 'Y', false, []],
        ['docs/Z.md', 'Z', false, []],
        ['p.md', 'one', false, ['q.md']],
      ],
    );
  });
});

describe('a section of the document', () => {
  it('takes up the headings below it', () => {
    const document = read(
      `${step()}\n## Output Artifacts\n### Required\n1. **A.md**: a\n### Optional\n- B.md / C.md\n## MCP Tools Required\n### Always\n- \`edit_file\` - edit\n## Success Criteria\n### For users\n- [ ] It works\n## Notes\n- none\n`,
    );
    assert.deepEqual(
      document.artifacts.map(({ path, alternatives }) => [path, alternatives]),
      [
        ['A.md', []],
        ['B.md', ['C.md']],
      ],
    );
    assert.deepEqual(document.tools, ['edit_file']);
    assert.deepEqual(
      document.documentCriteria.map(({ text }) => text),
      ['It works'],
    );
  });

  it('keeps a table of gates that names an action', () => {
    const document = read(
      `${step()}\n## Quality Gates\n| Gate | Threshold | Action |\n|---|---|---|\n| Coverage | 80% | Block |\n`,
    );
    assert.equal(stepsOf(document).length, 1);
    assert.deepEqual(
      document.documentCriteria.map(({ label, text }) => [label, text]),
      [['Coverage', '80% — Block']],
    );
  });

  it('gives what a step needs beyond its subtask to the subtask', () => {
    const [one] = subtasksOf(read(step('- Prerequisites: X-1-01, P09-T01-S01 must be SUCCEEDED')));
    assert.deepEqual(
      one?.prerequisites.map(({ id }) => id),
      ['P09-T01-S01'],
    );
  });
});

describe('front matter', () => {
  it('may quote its keys, begin with a comment and name agents by their part', () => {
    const { metadata, agents } = read(
      '---\n# of step 4\n"task_id": "P07"\nagent: {primary: "@a", supporting: ["@b"]}\n---\n## Output Artifacts Checklist\n- [ ] a.md\n',
    );
    assert.equal(metadata.task_id, 'P07');
    assert.deepEqual(agents, ['@a', '@b']);
  });
});

describe('ids that begin with letters alone', () => {
  it('are read in headings and prerequisites', () => {
    const document = read(
      '# T\n## Workflow Metadata\n- TaskID: X\n## Task-01 - A (ID: DP-T01)\n### Subtask-01: B (DP-T01-S01)\n- Prerequisites: DP-T00 must be SUCCEEDED\n- Steps:\n  - Step ID: DP-T01-S01-01\n    - Command: x\n',
    );
    assert.equal(document.tasks[0]?.id, 'DP-T01');
    const [one] = subtasksOf(document);
    assert.deepEqual(
      [one?.id, one?.title, one?.prerequisites.map(({ id }) => id)],
      ['DP-T01-S01', 'B', ['DP-T00']],
    );
  });

  it('are missed where neighbours have theirs', () => {
    const document = read(
      subtask('- Steps:', '  - Step ID: X-1-01', '    - Command: a', '  -', '    - Command: b'),
    );
    assert.ok(
      document.problems.some(
        ({ code, message }) => code === 'field-missing' && /has no Step ID/.test(message),
      ),
    );
  });
});

describe('parts with a title and no number', () => {
  it('get their ids from the lines below', () => {
    const document = read(
      [
        '# T',
        '## Workflow Metadata',
        '- TaskID: X',
        '#### Task: Prepare',
        '**Task ID**: P10-T01',
        '##### Subtask: Announce',
        '**Subtask ID**: P10-T01-S01',
        '###### Step 1: Draft',
        '- **Step ID**: P10-T01-S01-01',
        '- **Command**: write',
        '- **Success Criteria**:',
        '  - `sent` in output',
        '###### Step 2: Review',
        '- **Step ID**: P10-T01-S01-02',
      ].join('\n'),
    );
    assert.deepEqual(
      document.tasks.map(({ id, title }) => [id, title]),
      [['P10-T01', 'Prepare']],
    );
    assert.deepEqual(
      stepsOf(document).map(({ id, command, criteria }) => [id, command, criteria.map(({ kind }) => kind)]),
      [
        ['P10-T01-S01-01', 'write', ['output-contains']],
        ['P10-T01-S01-02', 'Review', []],
      ],
    );
  });
});

describe('the end of a step', () => {
  it('may name its tool behind a dash, and success in braces', () => {
    const document = read(
      task(
        '## Subtask-01: A',
        '- **Steps**:',
        '  1. Write it — `edit_file`',
        '  2. Go (edit_file) {Success: a.md exists}',
        '  3. Look - closely',
      ),
    );
    assert.deepEqual(
      stepsOf(document).map(({ command, tools, criteria }) => [command, tools, criteria.length]),
      [
        ['Write it', ['edit_file'], 0],
        ['Go', ['edit_file'], 1],
        ['Look - closely', [], 0],
      ],
    );
  });
});

describe('what the whole document needs', () => {
  it('may stand in its front matter, as may its tools', () => {
    const document = read(
      '---\ntask_id: P05-S01-T09\nprerequisites: [P05-S01-T08]\ntools: [edit_file, web_search]\n---\n## Subtask-01: A\n- **Steps**:\n  1. Go\n',
    );
    assert.deepEqual(
      document.tasks[0]?.prerequisites.map(({ id }) => id),
      ['P05-S01-T08'],
    );
    assert.deepEqual(document.tools, ['edit_file', 'web_search']);
  });

  it('may be marked by signs instead of boxes', () => {
    const document = read(
      `${step('- Success Criteria:', '  - ✅ File Exists: `a.md`', '  - ☐ `Output Contains`: "b"')}\n## Success Criteria\n- ✅ a.md exists\n`,
    );
    assert.deepEqual(
      stepsOf(document)[0]?.criteria.map(({ kind }) => kind),
      ['file-exists', 'output-contains'],
    );
    assert.deepEqual(
      document.documentCriteria.map(({ text }) => text),
      ['a.md exists'],
    );
  });

  it('may link to the document before it', () => {
    const document = read(
      '# A\n## Workflow Metadata\n| Key | Value |\n|---|---|\n| Previous Step | [11.md](mdc:11.md) |\n',
    );
    assert.equal(neighbourOf(document, 'previous'), '11.md');
  });
});

describe('a role', () => {
  it('is called by its front matter, else by what its title says', () => {
    const text = '# Role: QA Operator\n\nYou judge.\n\n## Triggers\n- Regression\n';
    assert.equal(read(text).role?.name, 'QA Operator');
    assert.equal(read(`---\nname: qa-agent\n---\n${text}`).role?.name, 'qa-agent');
  });
});

describe('a task document', () => {
  it('may list its tools in a sentence, and say success behind a dash', () => {
    const document = read(
      `${task('## Subtask-01: A', '- **Steps**:', '  1. Use `foo(bar)` (codebase_search) — Success: /x exits 0', '     a. one', '     b. two')}\n# MCP Tools Required\n\`run_terminal_cmd\`, \`edit_file\`\n`,
    );
    assert.deepEqual(document.tools, ['run_terminal_cmd', 'edit_file']);
    const [one] = stepsOf(document);
    assert.deepEqual(
      [one?.command, one?.tools, one?.description],
      ['Use `foo(bar)`', ['codebase_search'], 'one\ntwo'],
    );
    assert.deepEqual(
      one?.criteria.map(({ kind }) => kind),
      ['exit-code'],
    );
  });

  it('may number its subtasks and call one like a point of a super-prompt', () => {
    const document = read(
      task('## 1. Collect', 'Steps', '1. Ask (web_search)', '## 2. Decide', '**Steps:**', '1. Choose'),
    );
    assert.deepEqual(
      subtasksOf(document).map(({ title, steps }) => [title, steps.map(({ command }) => command)]),
      [
        ['Collect', ['Ask']],
        ['Decide', ['Choose']],
      ],
    );
  });

  it('may put a number behind the mark of a list', () => {
    const document = read(
      task(
        '## Subtask-01: A',
        '- **Steps**:',
        '  - 1. Generate (run_terminal_cmd)',
        '    - Success: Exit Code 0',
        '  - 2. Migrate',
      ),
    );
    assert.deepEqual(
      stepsOf(document).map(({ command, tools, criteria }) => [command, tools, criteria.length]),
      [
        ['Generate', ['run_terminal_cmd'], 1],
        ['Migrate', [], 0],
      ],
    );
  });

  it('may name a tool of a step as a bullet, and twice', () => {
    const document = read(
      task(
        '## Subtask-01: A',
        '- **Steps**:',
        '  1. **Write** (edit_file)',
        '     - Tool: edit_file',
        '     - web_search',
      ),
    );
    assert.deepEqual(
      stepsOf(document).map(({ command, tools }) => [command, tools]),
      [['Write', ['edit_file', 'web_search']]],
    );
  });

  it('may say that a command passes', () => {
    const [one] = stepsOf(
      read(
        task(
          '## Subtask-01: A',
          '- **Steps**:',
          '  1. Go (Success: `npm test` passes, `npm run lint` passes)',
        ),
      ),
    );
    assert.deepEqual(
      one?.criteria.map(({ kind }) => kind),
      ['tests-pass', 'named-check'],
    );
  });

  it('keeps a list of criteria whole that begin like points of a super-prompt', () => {
    const document = read(
      `${task('## Subtask-01: A', '- **Steps**:', '  1. Go')}\n# Success Criteria\n1. Collect metrics\n2. Update progress page\n- Self-check passes\n`,
    );
    assert.equal(document.documentCriteria.length, 3);
  });
});

describe('a super-prompt', () => {
  const prompt = (...lines: readonly string[]) =>
    ['---', 'task_id: P01-S01-T01', '---', '# Super Prompt', 'Do it.', '', ...lines].join('\n');

  it('may say its points on the line of their titles', () => {
    const document = read(
      prompt(
        '1. **Documentation Reference**: `docs/x/`, docs/y.md',
        '2. **Collect Data/Input**: prior notes',
        '3. **Save Output**:',
        '   - docs/x/One.md',
        '4. **Update Progress**: mark as done in Step.json',
        '5. **Self-Check**: all files exist',
      ),
    );
    assert.deepEqual(
      stepsOf(document).map(({ command, description }) => [command, description]),
      [
        ['Collect Data/Input', 'prior notes'],
        ['Save Output', 'docs/x/One.md'],
        ['Update Progress', 'mark as done in Step.json'],
      ],
    );
    assert.deepEqual(subtasksOf(document)[0]?.links, ['docs/x/', 'docs/y.md']);
    assert.deepEqual(
      document.selfChecks.map(({ text }) => text),
      ['all files exist'],
    );
  });

  it('may name its files in a table', () => {
    const document = read(
      prompt(
        '### 3. Save Output',
        '',
        '| File | Format | Schema |',
        '|---|---|---|',
        '| docs/One.md | Markdown | |',
        '| docs/Two.json | JSON | {"goals": [string]} |',
        '',
        '### 4. Update Progress',
        'Mark it as done.',
      ),
    );
    assert.deepEqual(
      document.artifacts.map(({ path, schema }) => [path, schema !== null]),
      [
        ['docs/One.md', false],
        ['docs/Two.json', true],
      ],
    );
    assert.match(stepsOf(document)[0]?.description ?? '', /docs\/One\.md/);
  });

  it('may say where its files go before it names them, and give one schema for all', () => {
    const document = read(
      prompt(
        '3. **Save Output**',
        '   Save all files to `docs/x/`:',
        '   - docs/x/One.json',
        '   - docs/x/A/B-tests.json',
        '   - This schema applies to both:',
        '     ```json',
        '     {"a": string, "b": [number], "c": boolean?, "d"?: string}',
        '     ```',
        '4. **Update Progress**',
      ),
    );
    assert.deepEqual(
      document.artifacts.map(({ path, name }) => [path, name]),
      [
        ['docs/x/One.json', 'One.json'],
        ['docs/x/A/B-tests.json', 'A/B-tests.json'],
      ],
    );
    for (const { schema } of document.artifacts)
      assert.deepEqual((schema as { required: unknown }).required, ['a', 'b']);
  });
});

describe('lists of tasks', () => {
  it('may mark a task as cancelled or in progress', () => {
    const document = read('# Tasks\n- [x] T001 A\n- [-] T002 B\n- [~] T003 C\n- [ ] T004 D\n');
    assert.deepEqual(
      document.tasks.map(({ id, status }) => [id, status]),
      [
        ['T001', 'done'],
        ['T002', 'cancelled'],
        ['T003', 'in-progress'],
        ['T004', 'pending'],
      ],
    );
  });

  it('may say their order in sentences and chains, which are no tasks', () => {
    const document = read(
      '# Tasks\n- [ ] T001 A\n- [ ] T002 B\n- [ ] T003 C\n## Dependencies\n- T001 must finish before T002\n- T001 → T002 → T003\n',
    );
    assert.deepEqual(
      document.tasks.map(({ id, prerequisites }) => [id, prerequisites.map((one) => one.id)]),
      [
        ['T001', []],
        ['T002', ['T001']],
        ['T003', ['T002']],
      ],
    );
    assert.deepEqual(codes(document), []);
  });

  it('keep a box without an id as a task, and tell it', () => {
    const document = read(
      '# Tasks\n- [ ] T001 A\n  - [ ] a.md exists\n- [ ] T001b B\n- [ ] TXXX [P] Documents\n',
    );
    assert.deepEqual(
      document.tasks.map(({ id, title }) => [id, title]),
      [
        ['T001', 'A'],
        ['T001b', 'B'],
        [null, 'TXXX [P] Documents'],
      ],
    );
    assert.deepEqual(codes(document), ['task-without-id']);
    assert.equal(stepsOf(document)[0]?.criteria.length, 1);
  });

  it('tell ids that repeat or are missing', () => {
    const document = read(
      JSON.stringify({
        tasks: [
          { id: 1, title: 'A', dependencies: [9] },
          { id: 1, title: 'B', acceptanceCriteria: '- a.md exists\n- Exit Code: 0' },
        ],
      }),
    );
    assert.deepEqual(codes(document).sort(), ['duplicate-id', 'prerequisite-unknown']);
    assert.deepEqual(
      stepsOf(document)[1]?.criteria.map(({ kind }) => kind),
      ['file-exists', 'exit-code'],
    );
  });

  it('may have criteria of the whole and a table of needs', () => {
    const document = read(
      '# Tasks\n- [ ] T001 A\n- [ ] T002 B\n\n| Task | Depends on |\n|---|---|\n| T001 | - |\n| T002 | T001 |\n\n## Acceptance Criteria\n- [ ] Works\n',
    );
    assert.deepEqual(
      document.tasks.map(({ prerequisites }) => prerequisites.map(({ id }) => id)),
      [[], ['T001']],
    );
    assert.deepEqual(
      document.documentCriteria.map(({ text }) => text),
      ['Works'],
    );
  });

  it('of no known kind are told as not understood', () => {
    assert.ok(
      codes(read('# Plan\n\n- [ ] 1. Set up\n  - [ ] 1.1 Make folders\n')).includes('nothing-understood'),
    );
  });

  it('name each dependency once and each line of a test strategy by itself', () => {
    const document = read(
      JSON.stringify({
        tasks: [
          {
            id: 2,
            title: 'API',
            testStrategy: 'GET /health returns 200\nAll tests pass',
            subtasks: [
              { id: 1, title: 'A' },
              { id: 2, title: 'B', dependencies: [1, '2.1'] },
            ],
          },
        ],
      }),
    );
    const [, last] = subtasksOf(document);
    assert.deepEqual(
      last?.prerequisites.map(({ id }) => id),
      ['2.1'],
    );
    assert.deepEqual(
      last?.finalCriteria.map(({ kind }) => kind),
      ['http-response', 'tests-pass'],
    );
  });
});
