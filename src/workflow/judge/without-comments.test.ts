import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { withoutComments } from './without-comments.ts';

const plain = (content: string, path: string) => withoutComments(content, path).replace(/\s+/g, ' ').trim();

describe('a content without its comments', () => {
  it('is without those of its format', () => {
    for (const [path, content, left] of [
      ['a.yml', '# head\na: 1 # tail\n', 'a: 1'],
      ['ci/a.yaml', 'a: "x # y"\nb: x#y\n', 'a: "x # y" b: x#y'],
      ['main.tf', '# one\n// two\n/* three\nfour */\na = "http://x" // five\n', 'a = "http://x"'],
      ['app.js', "const a = 'x // y'; // why\n/** how */\nlet b;", "const a = 'x // y'; let b;"],
      ['a.md', '# Title\n<!-- phrase\nphrase -->\ntext', '# Title text'],
      ['Dockerfile', '# a\nFROM b\n', 'FROM b'],
      ['a.json', '{"a": "# no // comment"}', '{"a": "# no // comment"}'],
      ['notes.txt', '# a // b', '# a // b'],
    ] as const)
      assert.equal(plain(content, path), left, path);
  });

  it('never throws, and takes a megabyte in its stride', () => {
    const path = fc.constantFrom('a.yml', 'a.tf', 'a.js', 'a.md', 'a.txt', '');
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        path,
        (content, name) => void withoutComments(content, name),
      ),
    );
    const started = performance.now();
    for (const content of ['/*', '"a', '# ', '<!--', '//'])
      for (const name of ['a.yml', 'a.tf', 'a.js', 'a.md']) withoutComments(content.repeat(250_000), name);
    assert.ok(performance.now() - started < 3_000);
  });
});
