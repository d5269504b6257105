import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { globMatcher } from './glob.ts';

const name = fc.stringMatching(/^[.a-zA-Z0-9 ()[\]^$+|\\,-]{1,8}$/).filter((text) => !/^\.{1,2}$/.test(text));
const path = fc.array(name, { minLength: 1, maxLength: 5 }).map((names) => names.join('/'));

const literal = (text: string) => text.replace(/[*?[\]{}!\\]/g, '\\$&');

describe('a glob', () => {
  const rows: readonly (readonly [glob: string, path: string, fits: boolean])[] = [
    ['QA/**', 'QA/report.md', true],
    ['QA/**', 'QA', true],
    ['QA/', 'QA/.hidden/deep', true],
    ['./QA', 'QA/report.md', true],
    ['QA', 'QA2/report.md', false],
    ['*.bindings.yml', 'deploy.bindings.yml', true],
    ['*.bindings.yml', 'sub/deploy.bindings.yml', false],
    ['**/*.md', 'a.md', true],
    ['**/*.md', 'a/b/.c.md', true],
    ['docs/{a,b}/?.md', 'docs/b/x.md', true],
    ['docs/{a,b}/?.md', 'docs/c/x.md', false],
    ['a.b', 'axb', false],
    ['docs/\\[a\\].md', 'docs/[a].md', true],
    ['[ab].md', 'b.md', true],
  ];
  for (const [glob, tried, fits] of rows) {
    it(`${glob} ${fits ? 'fits' : 'does not fit'} ${tried}`, () =>
      assert.equal(globMatcher([glob]).fits(tried), fits));
  }

  it('without a sign fits itself and what lies below, whatever letters it has', () => {
    fc.assert(
      fc.property(path, path, (folder, rest) => {
        const fits = globMatcher([literal(folder)]).fits;
        assert.ok(fits(folder) && fits(`${folder}/${rest}`));
        assert.ok(!fits(`x${folder}`));
      }),
    );
  });

  it('leads on through every folder above what fits, and through no other', () => {
    fc.assert(
      fc.property(path, name, (folder, last) => {
        const { leadsOn, fits } = globMatcher([`${literal(folder)}/*/x`]);
        assert.ok(leadsOn(folder) && leadsOn(`${folder}/${last}`) && !fits(`${folder}/${last}`));
        assert.ok(fits(`${folder}/${last}/x`) && !leadsOn(`x${folder}`));
      }),
    );
  });

  it('takes no more than a moment, however many signs it has', () => {
    const started = performance.now();
    globMatcher(['**/'.repeat(40).concat('x')]).fits('a/'.repeat(200).concat('y'));
    assert.ok(performance.now() - started < 1_000);
  });
});
