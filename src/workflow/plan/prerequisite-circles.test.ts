import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { noBindings } from './bindings.ts';
import { compilePlan } from './compile-plan.ts';
import { planSource } from './plan-source.ts';

/** Problems of these codes, as `file:line message`. */
function told(codes: RegExp, documents: Readonly<Record<string, string>>): readonly string[] {
  const sources = Object.entries(documents).map(([path, text]) => {
    const source = planSource(path, new TextEncoder().encode(text));
    assert.ok(source !== null);
    return source;
  });
  const { problems } = compilePlan({ documents: sources, bindings: noBindings, files: [], texts: new Map() });
  return problems
    .filter(({ code }) => codes.test(code))
    .map(({ file, line, message }) => `${file}:${line} ${message}`);
}

const circles = (documents: Readonly<Record<string, string>>) =>
  told(/^prerequisite-(?:circle|of-itself)$/, documents);
const unknown = (documents: Readonly<Record<string, string>>) => told(/^prerequisite-unknown$/, documents);

/** A monolith of tasks with one subtask each; `needs` by task or subtask. */
function monolith(needs: Readonly<Record<string, string>>, ids = ['P01-T01', 'P01-T02', 'P01-T03']): string {
  return ids
    .map((id) =>
      [
        `## Task-${id.slice(-2)}: ${id}`,
        `- ID: ${id}`,
        `- Prerequisites: ${needs[id] ?? 'None'}`,
        '### Subtask-01: Only',
        `- ID: ${id}-S01`,
        `- Prerequisites: ${needs[`${id}-S01`] ?? 'None'}`,
        '- Steps:',
        `  - Step ID: ${id}-S01-01`,
        '    - Command: `make`',
      ].join('\n'),
    )
    .join('\n\n');
}

describe('parts of a plan that wait for each other', () => {
  it('are told with every id of the circle and where it stands', () => {
    const [found, ...more] = circles({
      'a.md': monolith({ 'P01-T01-S01': 'P01-T02-S01 must be `SUCCEEDED`', 'P01-T02-S01': 'P01-T01-S01' }),
    });
    assert.deepEqual(more, []);
    assert.equal(
      found,
      'a.md:4 P01-T01-S01 (line 4) → P01-T02-S01 (line 14) → P01-T01-S01 wait for each other; none can begin',
    );
  });

  it('are told by the tasks whose prerequisites hold them up', () => {
    const [found = ''] = circles({
      'a.md': monolith({ 'P01-T01': 'P01-T02', 'P01-T02': 'P01-T03', 'P01-T03': 'P01-T01' }),
    });
    for (const id of ['P01-T01 (line 1)', 'P01-T02 (line 11)', 'P01-T03 (line 21)'])
      assert.ok(found.includes(id), found);
  });

  it('are told where something need only have started, and where the order of a document holds it up', () => {
    const started = circles({
      'a.md': monolith({ 'P01-T01-S01': 'P01-T02-S01 has started', 'P01-T02-S01': 'P01-T01-S01' }),
    });
    assert.equal(started.length, 1);
    const ordered =
      '---\ntask_id: P02-S01-T01\n---\n## Subtask-01: A\n- **ID**: A-1\n- **Prerequisites**: A-2\n- **Steps**:\n  1. Go (edit_file)\n## Subtask-02: B\n- **ID**: A-2\n- **Steps**:\n  1. Go (edit_file)\n';
    assert.equal(circles({ 'b.md': ordered }).length, 1);
  });

  it('are told across documents', () => {
    const [found = '', ...more] = circles({
      'a.md': monolith({ 'P01-T01': 'P02-T01' }, ['P01-T01']),
      'b.md': monolith({ 'P02-T01-S01': 'Subtask P01-T01-S01 must be SUCCEEDED' }, ['P02-T01']),
    });
    assert.deepEqual(more, []);
    assert.ok(found.includes('a.md:4') && found.includes('b.md:4') && found.includes('P02-T01-S01'), found);
    const linked = (id: string, way: string) =>
      `---\ntask_id: ${id}\nprevious_task: ${way}\n---\n## Subtask-01: A\n- **ID**: ${id}-S1\n- **Steps**:\n  1. Go (edit_file)\n`;
    assert.equal(circles({ 'a.md': linked('P1-T1', 'P1-T2'), 'b.md': linked('P1-T2', 'P1-T1') }).length, 1);
  });

  it('are none where a subtask waits until its own task has started, or all wait for one', () => {
    assert.deepEqual(
      circles({
        'a.md': monolith({
          'P01-T01-S01': 'Task P01-T01 has started',
          'P01-T02': 'P01-T01',
          'P01-T03': 'P01-T01, P01-T02',
        }),
      }),
      [],
    );
  });

  it('are found in a long chain, and one that waits for itself is told as such', () => {
    const ids = Array.from({ length: 2_000 }, (_, index) => `P01-T${String(index + 1).padStart(4, '0')}`);
    const needs = Object.fromEntries(ids.map((id, index) => [id, ids.at(index - 1) ?? ''] as const));
    assert.equal(circles({ 'a.md': monolith(needs, ids) }).length, 1);
    assert.deepEqual(circles({ 'a.md': monolith({ 'P01-T01-S01': 'P01-T01-S01' }) }), [
      'a.md:4 P01-T01-S01 (line 4) waits for itself',
    ]);
  });
});

describe('a prerequisite that no document has', () => {
  it('is told with the plan, once, and not where another document has it', () => {
    const first = monolith({ 'P01-T01': 'P02-T01' }, ['P01-T01']);
    assert.deepEqual(unknown({ 'a.md': first }), [
      'a.md:3 P01-T01-S01 needs P02-T01, which is in none of these documents; it never begins',
    ]);
    assert.deepEqual(unknown({ 'a.md': first, 'b.md': monolith({}, ['P02-T01']) }), []);
  });
});
