import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { criterionKind } from './criterion-kind.ts';
import type { CriterionKind, Subtask } from './document.ts';
import { readFailurePolicy } from './failure-policy.ts';
import { readFrontMatter } from './front-matter.ts';
import { agentsOf, readAgents } from './handles.ts';
import { planHeading } from './plan-heading.ts';
import { readPrerequisites } from './prerequisites.ts';
import { Problems } from './problem.ts';
import { readDocument } from './read-document.ts';
import { readShorthand } from './schema-shorthand.ts';
import { sourceLines } from './source-lines.ts';
import { readTools, toolsAtEnd } from './tools.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('the heading of a subtask', () => {
  const shapes: readonly (readonly [heading: string, id: string | null, title: string | null])[] = [
    ['Subtask-01 (Operational Level) - Walls', null, 'Walls'],
    ['Subtask 1: Walls', null, 'Walls'],
    ['**Subtask-01**: Walls', null, 'Walls'],
    ['🚀 Subtask 1 — Walls', null, 'Walls'],
    ['1) Subtask-1 – Walls:', null, 'Walls'],
    ['5.1. Subtask 01 – „Walls“', null, '„Walls“'],
    ['[x] Subtask-01: Walls', null, 'Walls'],
    ['Sub-Task No. 3 | Walls', null, 'Walls'],
    ['SUBTASK #1: Walls', null, 'Walls'],
    ['Subtask (01): Walls', null, 'Walls'],
    ['Subtask_01_Walls', null, 'Walls'],
    ['Subtask-A: Walls', null, 'Walls'],
    ['Subtask: Walls & Doors', null, 'Walls & Doors'],
    ['Subtask (Operational Level) - Walls', null, 'Walls'],
    ['Subtask-01', null, null],
    ['Subtask 1.2: Walls', '1.2', 'Walls'],
    ['Subtask `P02-T01-S01` - Walls', 'P02-T01-S01', 'Walls'],
    ['Subtask-01 (P02-T01-S01): Walls', 'P02-T01-S01', 'Walls'],
    ['Subtask-01 - Walls (P02-T01-S01)', 'P02-T01-S01', 'Walls'],
    ['[P02-T01-S01] Walls', 'P02-T01-S01', 'Walls'],
    ['P02.T01.S01 Walls', 'P02.T01.S01', 'Walls'],
    ['Subtask-01 (Operational Level) — A/B — Walls', null, 'A/B — Walls'],
  ];
  for (const [heading, id, title] of shapes) {
    it(`is read from "${heading}"`, () =>
      assert.deepEqual(planHeading(heading), { kind: 'subtask', id, title }));
  }

  it('is none of the headings that only speak of tasks', () => {
    for (const text of [
      'Subtasks (Detailed)',
      'Subtasks',
      'Tasks (Summary)',
      'Task Breakdown',
      'Steps',
      'Task Dependencies',
      'Phased rollout',
    ]) {
      assert.equal(planHeading(text), null, text);
    }
  });
});

describe('a step', () => {
  const fields = (mark: string, indent: readonly string[]) =>
    [
      `${indent[0]}${mark} Step ID: P2-T1-S1-01`,
      `${indent[1]}${mark} Command: \`build\``,
      `${indent[1]}${mark} Tool: \`edit_file\``,
      `${indent[1]}${mark} Success Criteria:`,
      `${indent[2]}${mark} File Exists: \`a.md\``,
      `${indent[2]}${mark} Exit Code: 0`,
    ].join('\n');
  const shapes: Readonly<Record<string, string>> = {
    'with two blanks': `- Steps:\n${fields('-', ['  ', '    ', '      '])}`,
    'with three blanks': `- Steps:\n${fields('-', ['   ', '      ', '         '])}`,
    'with eight blanks': `- Steps:\n${fields('-', ['        ', '                ', '                        '])}`,
    'with tabs': `- Steps:\n${fields('-', ['\t', '\t\t', '\t\t\t'])}`,
    'with nothing': fields('-', ['', '', '']),
    'with stars': `- Steps:\n${fields('*', ['  ', '    ', '      '])}`,
    'with dots': `- Steps:\n${fields('•', ['  ', '    ', '      '])}`,
    'in a quotation': fields('-', ['', '  ', '    ']).replace(/^/gm, '> '),
    'with empty lines': fields('-', ['  ', '    ', '      ']).replaceAll('\n', '\n\n'),
    'with bold labels': fields('-', ['  ', '    ', '      ']).replace(/- ([A-Z][A-Za-z ]+):/g, '- **$1**:'),
    'with bold colons': fields('-', ['  ', '    ', '      ']).replace(/- ([A-Z][A-Za-z ]+):/g, '- **$1:**'),
    'with coded labels': fields('-', ['  ', '    ', '      ']).replace(/- ([A-Z][A-Za-z ]+):/g, '- `$1`:'),
    'as ordered list': fields('-', ['  ', '     ', '        ']).replace('- Step ID', '1) Step ID'),
    'as table':
      '| Step ID | Command | Tool | Success Criteria |\n|---|---|---|---|\n| P2-T1-S1-01 | `build` | `edit_file` | File Exists: `a.md`<br>Exit Code: 0 |\n',
    'under headings':
      '#### Steps\n##### Step P2-T1-S1-01: build\n- Tool: edit_file\n- Success Criteria:\n  - File Exists: `a.md`\n  - Exit Code: 0',
  };
  for (const [name, text] of Object.entries(shapes)) {
    it(`is read ${name}`, () => {
      const reading = readDocument(
        bytes(
          `## Task-01 - T\n- ID: P2-T1\n\n### Subtask-01 - S\n- ID: P2-T1-S1\n\n${text}\n\n- Max Retries: 3\n`,
        ),
      );
      assert.ok('document' in reading);
      const [subtask] = reading.document.tasks.flatMap((task): readonly Subtask[] => task.subtasks);
      assert.equal(subtask?.maxRetries, '3');
      assert.deepEqual(
        subtask?.steps.map(({ id, command, tools, criteria }) => [
          id,
          command,
          tools,
          criteria.map((one) => `${one.label}: ${one.text}`),
        ]),
        [['P2-T1-S1-01', 'build', ['edit_file'], ['File Exists: a.md', 'Exit Code: 0']]],
      );
    });
  }
});

describe('a criterion', () => {
  const kinds: readonly (readonly [label: string, text: string, kind: CriterionKind])[] = [
    ['Exit Code', '0', 'exit-code'],
    ['Output Contains', '"done"', 'output-contains'],
    ['Tool Output Contains', '"done"', 'output-contains'],
    ['File Exists', 'a.md', 'file-exists'],
    ['File Created', 'a.md', 'file-exists'],
    ['Document Exists', 'a.md', 'file-exists'],
    ['File Exists', 'scripts/', 'directory-exists'],
    ['Directory Exists', 'scripts/', 'directory-exists'],
    ['File Content Matches', 'a.*b', 'file-content'],
    ['File Content Contains', '"a"', 'file-content'],
    ['JSON Valid', 'a.json', 'json-valid'],
    ['Format Validation', '`a.json` is a valid JSON document.', 'json-valid'],
    ['HTTP Response', 'GET http://localhost/health returns HTTP 200 OK', 'http-response'],
    ['Process Running', 'heater', 'process-running'],
    ['Service Running', 'heater', 'process-running'],
    ['Unit Test Pass', 'wall-tests', 'tests-pass'],
    ['Integration Tests Passed', 'wall-tests', 'tests-pass'],
    ['Service Discovery Pass', 'walls', 'named-check'],
    ['InternalState', 'planned', 'internal-state'],
    ['Content Quality', 'nice', 'human'],
    ['', '"done"', 'output-contains'],
    ['', 'plan.md exists', 'file-exists'],
    ['', 'main.tf and template.yaml exist', 'file-exists'],
    ['', 'package.json or requirements.txt', 'file-exists'],
    ['', 'src/routes/ or routes/', 'directory-exists'],
    ['', 'content matches a/b', 'file-content'],
    ['', 'wall-tests pass', 'tests-pass'],
    ['', 'wall-test-suite', 'tests-pass'],
    ['', 'wall-cluster passes', 'named-check'],
    ['', 'heater running', 'process-running'],
    ['', 'HTTP 200 OK', 'http-response'],
    ['', 'GET /health 200 OK', 'http-response'],
    ['', 'Exit Code 0', 'exit-code'],
    ['', 'scripts.dev', 'human'],
    ['', 'A roof that holds is described.', 'human'],
  ];
  for (const [label, text, kind] of kinds) {
    it(`"${label}: ${text}" is judged by ${kind}`, () => assert.equal(criterionKind(label, text).kind, kind));
  }
});

describe('a field', () => {
  it('names agents as a string, a list in a string, a flow list and a block list', () => {
    for (const agent of ['"@a, @b"', '["@a", "@b"]', '[@a, @b]', '\n  - "@a"\n  - "@b"', '@a, @b']) {
      const lines = sourceLines(bytes(`---\ntask_id: T\nagent: ${agent}\n---\n`), new Problems());
      assert.deepEqual(agentsOf(readFrontMatter(lines, new Problems()).values.agent), ['@a', '@b'], agent);
    }
    assert.deepEqual(readAgents('`@a` - Primary capabilities: `x`, `y`. (Note: Original was @b)'), {
      agents: ['@a'],
      capabilities: ['x', 'y'],
    });
    assert.deepEqual(readAgents('@a (x, y)'), { agents: ['@a'], capabilities: ['x', 'y'] });
    assert.deepEqual(readAgents('None'), { agents: [], capabilities: [] });
  });

  it('names what must be so before', () => {
    const ids = (text: string) => readPrerequisites(text, 1).map(({ id, condition }) => `${id} ${condition}`);
    assert.deepEqual(ids('None'), []);
    assert.deepEqual(ids('Subtask P02-T01-S01 must be `SUCCEEDED`'), ['P02-T01-S01 succeeded']);
    assert.deepEqual(ids('P02-T01, P02-T02 and `P02-T03` must be SUCCEEDED.'), [
      'P02-T01 succeeded',
      'P02-T02 succeeded',
      'P02-T03 succeeded',
    ]);
    assert.deepEqual(ids('Task P02-T01 (Walls for P09-T09) has started'), ['P02-T01 started']);
    assert.deepEqual(ids('The ground is dry'), ['null succeeded']);
  });

  it('names a failure policy and who is told', () => {
    const policy = (text: string) => readFailurePolicy(text, 1, new Problems());
    assert.equal(policy('`ESCALATE_TO_HUMAN (@lead)` with logs').to, '@lead');
    assert.equal(policy('NOTIFY_AND_CONTINUE (it may be incomplete)').policy, 'NOTIFY_AND_CONTINUE');
    assert.equal(policy('Escalate to human (@lead)').policy, 'ESCALATE_TO_HUMAN');
    assert.deepEqual(policy('Cry'), { policy: null, to: null, text: 'Cry' });
  });

  it('names tools, and no ways of thinking', () => {
    assert.deepEqual(readTools('`edit_file` (for files), `run_terminal_cmd`, or manual work'), [
      'edit_file',
      'run_terminal_cmd',
    ]);
    assert.deepEqual(readTools('`CognitiveProcessing`'), []);
    assert.deepEqual(toolsAtEnd('Look (web_search, CognitiveProcessing)', []), {
      text: 'Look',
      tools: ['web_search'],
    });
    assert.deepEqual(toolsAtEnd('Look (closely)', []), { text: 'Look (closely)', tools: [] });
  });

  it('makes JSON Schema of a shorthand, and tells one that it cannot read', () => {
    const problems = new Problems();
    assert.deepEqual(readShorthand('{"a": string, b: [ ... ], "c": { … }, "d": "x" | number}', 1, problems), {
      type: 'object',
      required: ['a', 'b', 'c', 'd'],
      properties: {
        a: { type: 'string' },
        b: { type: 'array' },
        c: { type: 'object' },
        d: { anyOf: [{ type: 'string' }, { type: 'number' }] },
      },
    });
    assert.equal(readShorthand('{"a": [string', 7, problems), null);
    assert.deepEqual(
      problems.sorted().map(({ code, line }) => [code, line]),
      [['schema-not-understood', 7]],
    );
  });
});
