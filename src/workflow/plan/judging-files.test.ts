import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judgingFiles } from './judging-files.ts';

const filesOf = (run: string, tests = false) => [...new Set(judgingFiles({ run, tests }))].sort();

describe('the files by which a command judges', () => {
  it('are the scripts that it names, and what an interpreter is given', () => {
    for (const [run, files] of [
      ['./probe.sh', ['probe.sh']],
      ['./checks/look', ['checks/look']],
      ['node checks/look.ts sizes.json', ['checks/look.ts']],
      ['sh checks/look sizes.json', ['checks/look']],
      ['A=1 python3 -u checks/look', ['checks/look']],
      ['test -s sizes.json && bash checks/deep --all', ['checks/deep']],
      ['grep -q 4 sizes.json', []],
      ['curl -fsS http://127.0.0.1:1/health', []],
      ['sh -c "test -d out"', []],
    ] as const)
      assert.deepEqual(filesOf(run), files, run);
  });

  it('are those that say what a runner does', () => {
    assert.deepEqual(filesOf('npm test'), ['package.json']);
    assert.deepEqual(filesOf('cd web && pnpm run check'), ['package.json']);
    assert.deepEqual(filesOf('make check'), ['GNUmakefile', 'Makefile', 'makefile']);
    assert.deepEqual(filesOf('just check'), ['Justfile', 'justfile']);
  });

  it('are folders and patterns of tests where tests are counted', () => {
    assert.deepEqual(filesOf('node --test --test-reporter=tap checks/', true), ['checks']);
    assert.deepEqual(filesOf('node --test checks/*.test.js', true), ['checks/*.test.js']);
    assert.deepEqual(filesOf('pytest ./tests/unit', true), ['tests/unit']);
    assert.deepEqual(filesOf('ls out/', false), []);
  });
});
