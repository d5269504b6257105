import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Generation, WorkflowDocument } from './document.ts';
import { all, monolith, role, specKit, superPrompt, task, taskMaster } from './fixtures.ts';
import { readDocument, type Side } from './read-document.ts';
import { countsOf, documentJson, readingJson } from './reading-json.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

function read(text: string, side?: Side): WorkflowDocument {
  const reading = readDocument(bytes(text), { side });
  assert.ok('document' in reading);
  return reading.document;
}

/** Facts without the lines they stand on. */
function facts(text: string): unknown {
  const { problems, ...rest } = readingJson(readDocument(bytes(text)));
  return { ...rest, problems: (problems as { code: string }[]).map(({ code }) => code) };
}

function codes(document: WorkflowDocument): readonly string[] {
  return document.problems.map(({ code }) => code);
}

describe('a document of each generation', () => {
  it('is recognised by what stands in it', () => {
    for (const [generation, text] of Object.entries(all))
      assert.equal(read(text).generation, generation as Generation);
  });

  it('gives the tasks, subtasks, steps and criteria of a monolith', () => {
    const document = read(monolith);
    assert.deepEqual(countsOf(document), { tasks: 1, subtasks: 2, steps: 3, criteria: 9, artifacts: 2 });
    const { tasks, documentCriteria, metadata } = documentJson(document) as never as {
      tasks: { subtasks: { steps: unknown[] }[] }[];
      documentCriteria: unknown[];
      metadata: Record<string, string>;
    };
    const [ground, walls] = tasks[0]?.subtasks ?? [];
    assert.equal(metadata['Step ID'], '4');
    const { steps, ...rest } = ground ?? { steps: [] };
    assert.deepEqual(rest, {
      id: 'P02-T01-S01',
      title: 'Ground',
      agents: ['@builder-agent'],
      capabilities: ['digging', 'measuring'],
      prerequisites: [],
      links: ['docs/Ground.md', 'docs/Ground_Sizes.json'],
      maxRetries: '3',
      onFailure: {
        policy: 'REVERT_STATE and ESCALATE_TO_HUMAN',
        to: '@site-lead',
        text: 'REVERT_STATE and ESCALATE_TO_HUMAN (@site-lead) with digging logs',
      },
      criteria: [],
      finalCriteria: [{ label: '', kind: 'human', text: 'The ground is even.' }],
    });
    assert.deepEqual(steps[1], {
      id: 'P02-T01-S01-02',
      command: 'Write the sizes',
      description: 'Write them down.',
      tools: ['edit_file'],
      criteria: [
        { label: 'File Exists', kind: 'file-exists', text: '`sizes.json` or `sizes.yml`' },
        { label: 'File Content Matches', kind: 'file-content', text: 'width.*depth' },
      ],
    });
    const [last] = (walls?.steps ?? []) as { criteria: { kind: string }[] }[];
    assert.deepEqual(
      last?.criteria.map(({ kind }) => kind),
      ['http-response', 'process-running', 'tests-pass', 'named-check', 'human'],
    );
    assert.equal(documentCriteria.length, 3);
  });

  it('tells what contradicts itself in a monolith', () => {
    const found = codes(read(monolith));
    for (const code of [
      'replaced-still-listed',
      'to-be-created-not-listed',
      'placeholder-host',
      'criterion-not-understood',
    ])
      assert.ok(found.includes(code), code);
  });

  it('gives the checklist, tools and criteria of a task document', () => {
    const document = read(task);
    const [one] = document.tasks;
    assert.equal(one?.id, null);
    const [subtask] = one?.subtasks ?? [];
    assert.deepEqual(subtask?.capabilities, ['planning', 'drawing']);
    assert.deepEqual(
      subtask?.steps.map(({ command, tools }) => [command, tools]),
      [
        ['Look how others do it', ['web_search']],
        ['Write the plan (see the sketch)', ['edit_file']],
        ['Order tiles', []],
      ],
    );
    assert.deepEqual(
      subtask?.steps.map(({ criteria }) => criteria.map(({ kind }) => kind)),
      [[], ['output-contains', 'file-exists', 'file-content'], ['file-exists', 'tests-pass']],
    );
    assert.deepEqual(
      subtask?.criteria.map(({ label, kind }) => [label, kind]),
      [
        ['', 'human'],
        ['InternalState', 'internal-state'],
      ],
    );
    assert.equal(subtask?.onFailure.policy, 'ESCALATE_TO_HUMAN');
    assert.deepEqual(
      document.artifacts.map(({ path, name, checked, alternatives }) => [path, name, checked, alternatives]),
      [
        ['docs/roof/Roof_Plan.md', 'Roof_Plan.md', false, []],
        ['docs/roof/Tiles.json', 'Tiles of the roof', true, []],
        ['config/A/B-tiles.yml', 'Tiles', false, ['config/tiles.yml']],
      ],
    );
    assert.ok(codes(document).includes('artifact-mark-contradicts'));
  });

  it('gives the outputs of a super-prompt, with their schemas', () => {
    const document = read(superPrompt);
    assert.deepEqual(document.tasks[0]?.subtasks[0]?.agents, ['@painter-agent', '@builder-agent']);
    assert.deepEqual(
      document.artifacts.map(({ path }) => path),
      ['docs/paint/Colours.md', 'docs/paint/Plan.json', 'docs/paint/Order.json'],
    );
    assert.equal(document.artifacts[0]?.schema, null);
    assert.deepEqual(document.artifacts[1]?.schema, {
      type: 'object',
      required: ['colours', 'coats', 'more'],
      properties: {
        colours: { type: 'array', items: { type: 'string' } },
        coats: { type: 'number' },
        more: { type: 'object' },
      },
    });
    assert.deepEqual(document.artifacts[2]?.schema, {
      type: 'object',
      required: ['items', 'owner'],
      properties: { items: { type: 'array' }, owner: { type: 'string' } },
    });
    assert.deepEqual(
      document.selfChecks.map(({ text }) => text),
      ['Are all files there?', 'Is every wall painted?'],
    );
  });

  it('gives name, phases, gates, triggers and formats of a role', () => {
    assert.deepEqual(read(role).role, {
      name: 'Gardener Agent',
      phases: [
        { title: 'Phase 1: Look', line: 8 },
        { title: 'Phase 2: Report', line: 12 },
      ],
      gates: [{ name: 'Dry', requirement: 'no water', action: 'Stop' }],
      triggers: ['Water comes in'],
      formats: [{ title: 'Garden Report', line: 13 }],
    });
    assert.ok(read(role).sections.every(({ title }) => title !== 'Garden Report'));
  });

  it('gives ids, dependencies, marks and acceptance of spec-kit and task-master', () => {
    const kit = read(specKit);
    assert.deepEqual(
      kit.tasks.map(({ id, status, parallel }) => [id, status, parallel]),
      [
        ['T001', 'done', false],
        ['T002', 'pending', true],
        ['T003', 'pending', true],
      ],
    );
    assert.deepEqual(
      kit.tasks[2]?.prerequisites.map(({ id }) => id),
      ['T001', 'T002'],
    );
    assert.deepEqual(
      kit.tasks[1]?.subtasks[0]?.steps[0]?.criteria.map(({ kind }) => kind),
      ['file-exists'],
    );
    const master = read(taskMaster);
    assert.deepEqual(
      master.tasks.map(({ id, subtasks }) => [id, subtasks.map((one) => one.id)]),
      [
        ['1', [null]],
        ['2', ['2.1', '2.2']],
      ],
    );
    assert.deepEqual(
      master.tasks[1]?.prerequisites.map(({ id }) => id),
      ['1'],
    );
    assert.deepEqual(
      master.tasks[1]?.subtasks[1]?.prerequisites.map(({ id }) => id),
      ['2.1'],
    );
    assert.deepEqual(codes(master), []);
  });
});

describe('a document in conflict', () => {
  const conflict = `---
task_id: P02-S04-T04
<<<<<<< HEAD
${superPrompt.split('\n').slice(2).join('\n')}=======
${task.split('\n').slice(4).join('\n')}>>>>>>> 1a2b3c
`;

  it('is read as two, never as a mixture', () => {
    const reading = readDocument(bytes(conflict));
    assert.ok('sides' in reading);
    assert.deepEqual(
      [reading.sides.ours.generation, reading.sides.theirs.generation],
      ['super-prompt', 'task'],
    );
    const json = readingJson(reading) as { conflicts: number; tasks: unknown[] };
    assert.deepEqual([json.conflicts, json.tasks.length], [1, 0]);
  });

  it('is read as the side that was chosen, with the lines of the file', () => {
    assert.equal(read(conflict, 'ours').generation, 'super-prompt');
    const theirs = read(conflict, 'theirs');
    assert.equal(theirs.generation, 'task');
    const line = conflict.split('\n').findIndex((text) => text.startsWith('### Subtask-01')) + 1;
    assert.equal(theirs.tasks[0]?.subtasks[0]?.line, line);
  });

  it('is none where the markers are an example, and is told where one is left over', () => {
    const example = readDocument(bytes('# A\n\n```\n<<<<<<< HEAD\na\n=======\nb\n>>>>>>> c\n```\n'));
    assert.equal(example.conflicts, 0);
    assert.ok(codes(read('# A\n<<<<<<< HEAD\nb\n')).includes('conflict-unfinished'));
  });
});

describe('any change that means nothing', () => {
  for (const [generation, text] of Object.entries(all)) {
    it(`changes no fact of a ${generation} document`, () => {
      const expected = facts(text);
      assert.deepEqual(facts(`\uFEFF${text}`), expected, 'a byte order mark');
      assert.deepEqual(facts(text.replaceAll('\n', '\r\n')), expected, 'CRLF');
      assert.deepEqual(facts(text.trimEnd()), expected, 'no last newline');
      assert.deepEqual(facts(text.replaceAll('\n', '  \t\n')), expected, 'trailing blanks');
      assert.deepEqual(facts(`${text}\n\n\n`), expected, 'empty lines at the end');
    });
  }

  it('leaves no fact of a document that stands in a longer fence', () => {
    for (const text of Object.values(all)) {
      const wrapped = read(`\`\`\`\`\`markdown\n${text}\n\`\`\`\`\`\n`);
      const { tasks, ...counts } = countsOf(wrapped);
      assert.deepEqual(counts, { subtasks: 0, steps: 0, criteria: 0, artifacts: 0 });
      assert.deepEqual(
        [wrapped.sections, wrapped.selfChecks, wrapped.documentCriteria, wrapped.metadata],
        [[], [], [], {}],
      );
      assert.equal(tasks, 1);
    }
  });
});

describe('any damage', () => {
  it('never throws, and a missing line of a step or subtask is told', () => {
    const lines = monolith.split('\n');
    const before = new Set(codes(read(monolith)));
    const told = [
      '- ID: P02-T01-S02',
      '    - Step ID: P02-T01-S01-02',
      '      - Command: `Write the sizes`',
      '- Max Retries: 2',
    ];
    for (const [index, line] of lines.entries()) {
      const document = read(lines.filter((_, other) => other !== index).join('\n'));
      if (told.includes(line) && line.includes('Step ID'))
        assert.ok(
          codes(document).some((code) => !before.has(code)),
          line,
        );
    }
  });

  it('never throws on random deletions, mixtures and bytes', () => {
    const pool = Object.values(all).flatMap((text) => text.split('\n'));
    const mixed = fc.array(
      fc.oneof(
        fc.constantFrom(...pool),
        fc.string(),
        fc.constantFrom('```', '<<<<<<< a', '=======', '>>>>>>> b', '---', '\t\t- x', '| a | b |', '|--|--|'),
      ),
      { maxLength: 80 },
    );
    fc.assert(
      fc.property(mixed, fc.array(fc.nat(pool.length)), (lines, gone) => {
        readingJson(readDocument(bytes(lines.join('\n'))));
        const absent = new Set(gone);
        readingJson(readDocument(bytes(pool.filter((_, index) => !absent.has(index)).join('\n'))));
      }),
      { numRuns: 150 },
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (raw) => void readingJson(readDocument(raw))));
  });

  it('takes a time that grows with the length alone', () => {
    const hostile = [
      Array.from({ length: 1200 }, (_, depth) => `${'  '.repeat(depth)}- x`).join('\n'),
      Array.from(
        { length: 1200 },
        (_, depth) => `${' '.repeat(depth * 2)}* a\n${' '.repeat(depth * 2 + 7)}* b`,
      ).join('\n'),
      `- Documentation Links: ${'['.repeat(1e6)}`,
      `## Subtask 1: x\n- Prerequisites: ${'P1-'.repeat(2e5)}\n- Agent: ${'@a.'.repeat(2e5)}\n- Success Criteria:\n  - ${'a.'.repeat(3e5)}\n  - ${'"x '.repeat(3e5)}`,
      `3. **Save Output**\n - a.json (JSON, schema: ${'{"a":'.repeat(5e4)})\n4. **Update Progress**`,
      `---\na: ${'['.repeat(1e5)}\n---\n`,
      `---\n${'a: b\n'.repeat(1e5)}---\n`,
      `# ${'('.repeat(5e5)}\n### Subtask P${'1-'.repeat(3e5)}`,
      '*'.repeat(1e6),
      '<<<<<<< a\n'.repeat(1e5),
    ];
    for (const text of hostile) {
      const start = performance.now();
      readDocument(bytes(text));
      assert.ok(performance.now() - start < 5000, text.slice(0, 40));
    }
  });
});
