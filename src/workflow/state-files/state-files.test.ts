import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Artifact } from '../reading/document.ts';
import { askedWord, saysDone } from './done-words.ts';
import type { StateFacts } from './state-facts.ts';
import { tickArtifacts } from './tick-artifacts.ts';
import { updateStateFile } from './update-state-file.ts';

const facts: StateFacts = {
  run: 'W-1',
  status: 'in_progress',
  startedAt: '2026-01-01T10:00:00.000Z',
  updatedAt: '2026-01-01T10:05:00.000Z',
  previous: 'S-01',
  current: 'S-02',
  next: 'S-03',
  agent: 'builder-agent',
  total: 4,
  completed: 1,
  units: [
    {
      id: 'S-01',
      status: 'SUCCEEDED',
      startedAt: '2026-01-01T10:00:00.000Z',
      completedAt: '2026-01-01T10:01:00.000Z',
      evidence: ['exit code 0'],
    },
    { id: 'S-02', status: 'RUNNING', startedAt: null, completedAt: null, evidence: [] },
    { id: 'S-03', status: 'PENDING', startedAt: null, completedAt: null, evidence: [] },
  ],
};
const asked = { done: 'SUCCEEDED' };

function updated(before: object | string | null): { json: Record<string, never>; says: readonly string[] } {
  const text = before === null || typeof before === 'string' ? before : JSON.stringify(before, null, 2);
  const { text: after, contradictions } = updateStateFile(text, facts, asked);
  return { json: JSON.parse(after), says: contradictions.map(({ path, journal }) => `${path}: ${journal}`) };
}

describe('a state file', () => {
  it('with nested keys in snake case is told where the run stands, in place', () => {
    const before = {
      metadata: { version: '1.0.0' },
      workflow_state: {
        current_step: null,
        previous_step: null,
        next_step: null,
        progress: { total_steps: 0, completed_steps: 0, current_step_number: 0, percentage: 0 },
        session: { started_at: null, last_updated: null, status: 'not_started', project_type: null },
      },
      agentRegistry: [{ agentName: 'x', capabilities: ['status'] }],
    };
    const { json } = updated(before);
    assert.deepEqual(json.workflow_state, {
      current_step: 'S-02',
      previous_step: 'S-01',
      next_step: 'S-03',
      progress: { total_steps: 4, completed_steps: 1, current_step_number: 2, percentage: 25 },
      session: {
        started_at: '2026-01-01T10:00:00.000Z',
        last_updated: '2026-01-01T10:05:00.000Z',
        status: 'in_progress',
        project_type: null,
      },
    });
    assert.deepEqual(json.agentRegistry, before.agentRegistry);
    assert.deepEqual(Object.keys(json), ['metadata', 'workflow_state', 'agentRegistry', 'tasks']);
  });

  it('with flat keys in camel case keeps them, their order and what it does not know', () => {
    const before = {
      systemStatus: 'failed',
      currentWorkflowStep: 'x',
      currentAgent: 'y',
      lastUpdated: 'z',
      nextActions: ['a'],
    };
    const { json } = updated(before);
    assert.equal(json.systemStatus, 'failed');
    assert.equal(json.currentWorkflowStep, 'S-02');
    assert.equal(json.currentAgent, 'builder-agent');
    assert.equal(json.lastUpdated, facts.updatedAt);
    assert.deepEqual(Object.keys(json).slice(0, 5), Object.keys(before));
    assert.equal('workflow_state' in json, false);
  });

  it('keeps tasks in the shape in which it lists them, and writes done as the document asks', () => {
    const map = updated({
      tasks: { 'S-01': { status: 'pending', owner: 'ann' }, other: { status: 'done' } },
    });
    assert.deepEqual(map.json.tasks, {
      'S-01': {
        status: 'SUCCEEDED',
        owner: 'ann',
        started_at: '2026-01-01T10:00:00.000Z',
        completed_at: '2026-01-01T10:01:00.000Z',
        evidence: ['exit code 0'],
      },
      other: { status: 'done' },
    });
    const list = updated({ steps: [{ stepId: 'S-02', status: 'not-started', lastRun: 1 }] });
    assert.deepEqual(list.json.steps, [{ stepId: 'S-02', status: 'in-progress', lastRun: 1 }]);
    const flags = updated({ 'S-01': false, 'S-03': 'pending' });
    assert.deepEqual([flags.json['S-01'], flags.json['S-03']], [true, 'pending']);
  });

  it('that says done of what the journal does not is told, and put right', () => {
    const { json, says } = updated({ tasks: { 'S-03': 'complete', 'S-01': 'Done' } });
    assert.deepEqual(says, ['tasks.S-03: S-03 is PENDING']);
    assert.deepEqual(json.tasks, { 'S-03': 'pending', 'S-01': 'SUCCEEDED' });
  });

  it('is made where there is none, and is the same when it is told the same again', () => {
    const first = updateStateFile(null, facts, asked).text;
    assert.equal(JSON.parse(first).workflow_state.progress.percentage, 25);
    assert.equal(updateStateFile(first, facts, asked).text, first);
  });

  it('loses no key and no order, whatever it holds, and keeps its line ends and indentation', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.constantFrom(1, 2, 4, '\t'),
        (value, indent) => {
          const text = JSON.stringify(value, null, indent).replaceAll('\n', '\r\n');
          const after = updateStateFile(text, facts, asked).text;
          const keys = Object.keys(JSON.parse(after));
          const before = Object.keys(JSON.parse(text));
          assert.deepEqual(
            keys.filter((key) => before.includes(key)),
            before,
          );
          assert.equal(/(?<!\r)\n/.test(after), !text.includes('\r\n'));
        },
      ),
    );
  });
});

describe('words for done', () => {
  it('are read as one, and written as the document asks', () => {
    for (const word of ['done', 'complete', 'SUCCEEDED', 'Completed', true]) assert.ok(saysDone(word));
    for (const word of ['pending', 'undone', '', null, false]) assert.ok(!saysDone(word));
    assert.equal(askedWord('- Mark this task as done in Step.json and DNA.json when all is there.'), 'done');
    assert.equal(askedWord('- Mark this task as complete in Step.json'), 'complete');
    assert.equal(askedWord('ensure that @Step.json is updated to reflect its SUCCEEDED status'), 'SUCCEEDED');
    assert.equal(askedWord('nothing of that kind'), 'done');
  });
});

describe('a checklist', () => {
  const artifact = (path: string, line: number): Artifact => ({
    path,
    line,
    name: path,
    checked: false,
    alternatives: [],
    schema: null,
  });

  it('is ticked where the file is complete, and nowhere else', () => {
    const text = '# List\r\n- [ ] a.md — A (missing)\r\n- [ ] b.md — B (missing)\r\n* [] c.md\r\n';
    const list = [artifact('a.md', 2), artifact('b.md', 3), artifact('c.md', 4)];
    const { text: after, ticked } = tickArtifacts(text, list, ({ path }) => path !== 'b.md');
    assert.equal(after, '# List\r\n- [x] a.md — A\r\n- [ ] b.md — B (missing)\r\n* [x] c.md\r\n');
    assert.deepEqual(ticked, ['a.md', 'c.md']);
  });
});
