import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { matchesSegment, parseGlob, type Segment } from './glob.ts';

const matches = (name: string, glob: string) =>
  parseGlob(glob).some(([segment]) =>
    matchesSegment(name, segment as Exclude<Segment, { kind: 'any-depth' }>),
  );

describe('a glob', () => {
  it('means a name as it stands where nothing in it is special', () => {
    const plain = fc.stringMatching(/^[a-z.~ü💡-]{1,12}$/u).filter((name) => name !== '.' && name !== '..');
    fc.assert(fc.property(plain, plain, (a, b) => assert.equal(matches(a, b), a === b)));
  });

  it('knows stars, single characters, sets, alternatives and what is escaped', () => {
    const rows: readonly (readonly [string, string, boolean])[] = [
      ['report.md', '*.md', true],
      ['.hidden', '*', true],
      ['💡', '?', true],
      ['b', '[a-c]', true],
      ['d', '[!a-c]', true],
      [']', '[]x]', true],
      ['a-b', 'a[-x]b', true],
      ['b.sh', '{a,b}.{md,sh}', true],
      ['b', '{a,{b,c}}', true],
      ['{a}', '{a}', true],
      ['a*b', 'a\\*b', true],
      ['axb', 'a\\*b', false],
      ['[draft].md', '\\[draft\\].md', true],
      ['abc', 'a*b', false],
    ];
    for (const [name, glob, expected] of rows) assert.equal(matches(name, glob), expected, `${name} ${glob}`);
  });

  it('takes no time that grows without bound', () => {
    assert.equal(matches('a'.repeat(255), `${'*a'.repeat(60)}*b`), false);
    assert.throws(() => parseGlob('{a,b}'.repeat(20)), { code: 'glob-unusable' });
    assert.throws(() => parseGlob('a/../../b'), { code: 'glob-unusable' });
  });
});
