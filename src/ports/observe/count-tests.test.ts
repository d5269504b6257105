import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { countTests } from './count-tests.ts';

const count = (text: string, isWhole = true) => {
  const counts = countTests({ isWhole, tail: () => text });
  return counts === null ? null : [counts.passed, counts.failed, counts.skipped];
};

const rows: readonly (readonly [string, string, readonly number[] | null])[] = [
  [
    'node:test',
    'ℹ tests 3\nℹ suites 1\nℹ pass 2\nℹ fail 0\nℹ cancelled 1\nℹ skipped 0\nℹ todo 0\n',
    [2, 1, 0],
  ],
  ['node:test, coloured', '\u001b[34mℹ tests 1\u001b[39m\n\u001b[34mℹ pass 1\u001b[39m\n', [1, 0, 0]],
  [
    'node:test as TAP',
    'TAP version 13\nok 1 - a\nok 2 - b\n1..2\n# tests 5\n# pass 5\n# fail 0\n',
    [5, 0, 0],
  ],
  ['an empty node:test', 'ℹ tests 0\nℹ pass 0\nℹ fail 0\n', [0, 0, 0]],
  ['TAP', '1..3\nok 1 - a\nnot ok 2 - b\nok 3 - c # SKIP no disk\n', [1, 1, 1]],
  ['TAP with a subtest', '    ok 1 - inner\n    1..1\nok 1 - outer\n1..1\n', [1, 0, 0]],
  ['TAP that ends early', '1..5\nok 1\nok 2\n', [2, 3, 0]],
  ['TAP that bails out', '1..1\nok 1\nBail out! no database\n', [1, 1, 0]],
  ['TAP with work to do', '1..2\nok 1\nnot ok 2 - later # TODO\n', [1, 0, 1]],
  [
    'jest',
    'Test Suites: 1 failed, 1 total\nTests:       1 failed, 2 skipped, 3 passed, 6 total\nSnapshots:   0 total\n',
    [3, 1, 2],
  ],
  ['vitest', ' Test Files  1 passed (1)\n      Tests  1 failed | 5 passed (6)\n', [5, 1, 0]],
  ['pytest', '===== 1 failed, 3 passed, 2 warnings in 0.12s =====\n', [3, 1, 0]],
  ['pytest -q', '....\n4 passed in 0.01s\n', [4, 0, 0]],
  ['pytest with an error', '=== 2 passed, 1 error in 1.50s ===\n', [2, 1, 0]],
  ['an empty pytest', '============ no tests ran in 0.01s ============\n', [0, 0, 0]],
  [
    'go test',
    'ok  \texample.com/a\t0.012s\nok  \texample.com/b\t(cached)\n?   \texample.com/c\t[no test files]\n',
    [2, 0, 0],
  ],
  [
    'go test -v',
    '=== RUN   TestA\n--- PASS: TestA (0.00s)\n--- SKIP: TestB (0.00s)\nPASS\nok  \texample.com/a\t0.012s\n',
    [1, 0, 1],
  ],
  ['a failing go test', '--- FAIL: TestA (0.00s)\nFAIL\nFAIL\texample.com/a\t0.012s\nFAIL\n', [0, 1, 0]],
  ['a go test that does not build', 'FAIL\texample.com/a\t[build failed]\nFAIL\n', [0, 1, 0]],
  ['an empty go test', 'ok  \texample.com/a\t0.01s [no tests to run]\n', [0, 0, 0]],
  ['mocha', '\n  3 passing (10ms)\n  2 pending\n  1 failing\n', [3, 1, 2]],
  [
    'cargo',
    'test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out\ntest result: FAILED. 1 passed; 1 failed; 0 ignored\n',
    [4, 1, 1],
  ],
  ['unittest', 'Ran 5 tests in 0.001s\n\nFAILED (failures=1, errors=1, skipped=1)\n', [2, 2, 1]],
  [
    'surefire',
    '[INFO] Tests run: 2, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 1 s -- in A\n[INFO] Tests run: 4, Failures: 1, Errors: 0, Skipped: 1\n',
    [2, 1, 1],
  ],
  [
    'dotnet',
    'Passed!  - Failed:     0, Passed:     3, Skipped:     1, Total:     4, Duration: 5 ms\n',
    [3, 0, 1],
  ],
  ['phpunit', 'OK (3 tests, 5 assertions)\n', [3, 0, 0]],
  ['a failing phpunit', 'Tests: 3, Assertions: 5, Failures: 1, Errors: 1.\n', [1, 2, 0]],
  ['rspec', '3 examples, 1 failure, 1 pending\n', [1, 1, 1]],
  ['playwright', '  1 failed\n    a.spec.ts:3:1 › works\n  3 passed (2.1s)\n', [3, 1, 0]],
  ['deno', 'ok | 3 passed | 0 failed (10ms)\n', [3, 0, 0]],
  ['a runner of one’s own', '\n1202 passed, 0 failed\n', [1202, 0, 0]],
  [
    'JUnit XML',
    '<testsuites tests="2" failures="1"><testsuite><testcase name="a"/><testcase name="b"><failure>no</failure></testcase></testsuite></testsuites>',
    [1, 1, 0],
  ],
  [
    'JUnit XML whose cases do not tell',
    '<testsuite tests="2" errors="1" failures="0"><testcase/><testcase/></testsuite>',
    [1, 1, 0],
  ],
  ['JUnit XML that is cut off', '<testsuites><testsuite><testcase name="a"/>', [0, 1, 0]],
  ['two runners', 'Tests:       2 passed, 2 total\ntest result: ok. 3 passed; 0 failed\n', [5, 0, 0]],
  ['words', 'all tests passed\nok\ndone\n', null],
  ['nothing', '', null],
];

describe('tests are counted', () => {
  for (const [name, text, expected] of rows) {
    it(`in the output of ${name}`, () => assert.deepEqual(count(text), expected));
  }

  it('by closing lines only, when the middle of the output is missing', () => {
    assert.equal(count('ok 2\n1..2\n', false), null);
    assert.equal(count('<testcase/></testsuite></testsuites>', false), null);
    assert.deepEqual(count('ok 2\n1..2\n# tests 2\n# pass 2\n', false), [2, 0, 0]);
  });

  it('in any text without an error, and never below zero', () => {
    const line = fc.oneof(fc.string(), fc.constantFrom(...rows.flatMap(([, text]) => text.split('\n'))));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), (lines) => {
        assert.ok((count(lines.join('\n')) ?? []).every((number) => number >= 0));
      }),
    );
  });
});
