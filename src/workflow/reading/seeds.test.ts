import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { WorkflowDocument } from './document.ts';
import { readDocument } from './read-document.ts';
import { countsOf } from './reading-json.ts';

const shared = join(import.meta.dirname, '../../../../shared');
const seeds = join(shared, 'seeds');

interface Recorded {
  readonly subtasks: readonly {
    readonly subtask_id: string;
    readonly title: string;
    readonly agent: string;
    readonly max_retries: number;
    readonly on_failure: string;
    readonly final: string;
    readonly documentation_links: readonly string[];
  }[];
  readonly steps: readonly {
    readonly step_id: string;
    readonly command: string;
    readonly description: string;
    readonly tool: string;
    readonly criteria: readonly { readonly label: string; readonly value: string }[];
  }[];
}

function seed(number: string): ReturnType<typeof readDocument> {
  const file = readdirSync(seeds).find((name) => name.startsWith(`${number}_`)) ?? '';
  return readDocument(readFileSync(join(seeds, file)));
}

function single(reading: ReturnType<typeof readDocument>): WorkflowDocument {
  assert.ok('document' in reading);
  return reading.document;
}

describe('the documents that the product was asked for with', { skip: !existsSync(seeds) }, () => {
  it('agree with the record of the large one, fact for fact', () => {
    const document = single(seed('003'));
    const recorded = JSON.parse(readFileSync(join(shared, 'data/seed003-steps.json'), 'utf8')) as Recorded;
    const subtasks = document.tasks.flatMap((task) => task.subtasks);
    assert.deepEqual(
      subtasks.flatMap(({ steps }) =>
        steps.map((step) => ({
          step_id: step.id,
          command: step.command,
          description: step.description,
          tool: step.tools.join(),
          criteria: step.criteria.map(({ label, text }) => ({ label, value: text })),
        })),
      ),
      recorded.steps.map(({ step_id, command, description, tool, criteria }) => ({
        step_id,
        command,
        description,
        tool,
        criteria: criteria.map(({ label, value }) => ({ label, value })),
      })),
    );
    assert.deepEqual(
      subtasks.map((one) => [
        one.id,
        one.title,
        one.agents.join(),
        one.maxRetries,
        one.onFailure.text,
        one.finalCriteria.map(({ text }) => text).join(),
        one.links.map((link) => link.split('/').at(-1)),
      ]),
      recorded.subtasks.map((one) => [
        one.subtask_id,
        one.title,
        one.agent,
        String(one.max_retries),
        one.on_failure,
        one.final,
        one.documentation_links,
      ]),
    );
    assert.deepEqual(countsOf(document), {
      tasks: 10,
      subtasks: 20,
      steps: 102,
      criteria: 204,
      artifacts: 10,
    });
    assert.equal(
      subtasks.filter(({ onFailure }) => onFailure.policy === 'REVERT_STATE and ESCALATE_TO_HUMAN').length,
      18,
    );
  });

  it('are each of their own generation, the one in conflict of two', () => {
    assert.equal(single(seed('000')).generation, 'super-prompt');
    assert.equal(single(seed('001')).generation, 'task');
    assert.equal(single(seed('004')).generation, 'role');
    const conflict = seed('002');
    assert.ok('sides' in conflict);
    assert.deepEqual(
      [conflict.sides.ours.generation, conflict.sides.theirs.generation],
      ['super-prompt', 'task'],
    );
  });
});
