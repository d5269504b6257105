import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FileIndex, linkProblems } from './links.ts';
import { readDocument } from './read-document.ts';

function placed(file: string, text: string) {
  const reading = readDocument(new TextEncoder().encode(text));
  assert.ok('document' in reading);
  return { file, document: reading.document };
}

const front = (id: string, more: string) =>
  `---\ntask_id: ${id}\n${more}\n---\n## Output Artifacts Checklist\n- [ ] a/${id}.md — A (missing)\n`;

function codes(documents: Parameters<typeof linkProblems>[0], files: readonly string[] = []) {
  return [...linkProblems(documents, files, [''])].map(([file, list]) => [
    file,
    list.map(({ code }) => code),
  ]);
}

describe('links between documents', () => {
  it('are found by task id and by file name, and told when they lead nowhere or one way', () => {
    const one = placed('P1-T1-Walls.md', front('P1-T1', 'next_task: P1-T2'));
    const two = placed('two.md', front('P1-T2', 'previous_task: P1-T1\nnext_task: P1-T3'));
    assert.deepEqual(codes([one, two]), [
      ['P1-T1-Walls.md', []],
      ['two.md', ['link-broken']],
    ]);
    const other = placed('two.md', front('P1-T2', 'previous_task: P1-T9'));
    assert.deepEqual(codes([one, other]), [
      ['P1-T1-Walls.md', ['link-not-returned']],
      ['two.md', ['link-broken']],
    ]);
    assert.deepEqual(codes([placed('a.md', front('P1-T1', 'next_task: 05_Roof.md'))], ['docs/05_Roof.md']), [
      ['a.md', []],
    ]);
  });

  it('tell one task that two documents describe', () => {
    const one = placed('one.md', front('P1-T1', 'agent: "@a"'));
    const two = placed('two.md', front('P1-T1', 'agent: "@b"'));
    assert.deepEqual(codes([one, two]), [
      ['one.md', []],
      ['two.md', ['task-in-two-documents']],
    ]);
  });

  it('are resolved by path, by root and by name, and two files of one name are said', () => {
    const index = new FileIndex(['docs/a.md', 'old/a.md', 'docs/b.md']);
    assert.equal(index.resolve('a.md').status, 'ambiguous');
    assert.deepEqual(index.resolve('a.md', ['docs', '']), { status: 'found', paths: ['docs/a.md'] });
    assert.deepEqual(index.resolve('mdc:docs/a.md#part').paths, ['docs/a.md']);
    assert.deepEqual(index.resolve('b.md').paths, ['docs/b.md']);
    assert.equal(index.resolve('c.md').status, 'missing');
  });
});
