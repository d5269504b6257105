import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isCheap } from './cheap-pattern.ts';
import { searchPattern } from './pattern-search.ts';

describe('a pattern is cheap', () => {
  it('when it is plain and the text is short', () => {
    for (const source of [
      'all \\d+ tests passed',
      '^(?:GET|POST) /health$',
      '[a-z]+@[a-z]+',
      'a.*b',
      '"status": ?"ok"',
    ]) {
      assert.equal(isCheap(source, 40), true, source);
    }
  });

  it('never with a repeated group, a reference back, a look around, or much of anything', () => {
    for (const source of [
      '(a+)+$',
      '(a|a)*b',
      '(?:a?){30}',
      '(a)\\1',
      '(?<n>a)\\k<n>',
      '(?=a+)b',
      '(?<!a)b',
      'a*a*a*a*b',
      'a?'.repeat(30),
      '(',
    ]) {
      assert.equal(isCheap(`${source}(a+)+`, 100), false, source);
    }
    for (const source of ['a*a*a*a*b', 'a?'.repeat(30), '(?=a+)b'])
      assert.equal(isCheap(source, 100), false, source);
    assert.equal(isCheap('a+b', 100_000), false);
  });

  it('only if it ends soon, whatever the text', () => {
    const piece = fc.constantFrom(
      'a',
      'b',
      '.',
      'a*',
      'a+',
      '.*',
      'a?',
      '[ab]+',
      '(a|ab)',
      '(?:a|b|ab)',
      'a{2,}',
      '\\w',
      '|',
      '^',
      '$',
    );
    const source = fc.array(piece, { minLength: 1, maxLength: 8 }).map((pieces) => pieces.join(''));
    const text = fc
      .tuple(fc.constantFrom('a', 'ab', 'b'), fc.nat(300))
      .map(([part, times]) => `${part.repeat(times)}!`);
    fc.assert(
      fc.property(source, text, (pattern, searched) => {
        if (!isCheap(pattern, searched.length)) return;
        const cpu = process.cpuUsage();
        searchPattern(searched, pattern);
        const { user } = process.cpuUsage(cpu);
        assert.ok(user < 200_000, `/${pattern}/ took ${user} µs`);
      }),
      { numRuns: 300 },
    );
  });
});
