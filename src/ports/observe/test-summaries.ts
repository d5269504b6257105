import { sumOf, type TestCounts } from './test-counts.ts';

type Counter = (lines: readonly string[]) => TestCounts | null;

/** What words in a summary mean. Others, such as `warnings` and `total`, say nothing of tests. */
const meanings: Readonly<Record<string, keyof TestCounts>> = {
  ...{ pass: 'passed', passed: 'passed', passing: 'passed', xpassed: 'passed', flaky: 'passed' },
  ...{ fail: 'failed', failed: 'failed', failing: 'failed', failure: 'failed', failures: 'failed' },
  ...{
    error: 'failed',
    errors: 'failed',
    cancelled: 'failed',
    interrupted: 'failed',
    unsuccessful: 'failed',
  },
  ...{ skipped: 'skipped', pending: 'skipped', todo: 'skipped', ignored: 'skipped', xfailed: 'skipped' },
};

const none: TestCounts = { passed: 0, failed: 0, skipped: 0 };

/** `2 failed, 3 passed`: each number with the word behind it. */
function countedWords(text: string): TestCounts {
  const counts = { ...none };
  for (const [, number, word = ''] of text.matchAll(/(\d+) ([a-z]+)/g)) {
    const meaning = meanings[word];
    if (meaning !== undefined) counts[meaning] += Number(number);
  }
  return counts;
}

/** `failures=1, Skipped: 2`: each number with the word before it. */
function wordsCounted(text: string): TestCounts {
  const counts = { ...none };
  for (const [, word = '', number] of text.matchAll(/([A-Za-z]+)[=:] *(\d+)/g)) {
    const meaning = meanings[word.toLowerCase()];
    if (meaning !== undefined) counts[meaning] += Number(number);
  }
  return counts;
}

/** Sums what `read` makes of each line that the pattern matches. */
function lineCounter(pattern: RegExp, read: (groups: readonly string[]) => TestCounts): Counter {
  return (lines) =>
    sumOf(
      lines.flatMap((line) => {
        const match = pattern.exec(line);
        return match === null ? [] : [read(match.slice(1).map((group) => group ?? ''))];
      }),
    );
}

/** The total and what of it did not pass. */
function ofTotal(total: string, rest: TestCounts): TestCounts {
  return { ...rest, passed: Math.max(0, Number(total) - rest.failed - rest.skipped) };
}

/** `ℹ pass 3` of node:test, `# pass 3` under TAP. */
const nodeTest: Counter = (lines) => {
  const told = lines.flatMap((line) => {
    const match = /(?:^|\s)(?:ℹ|#) +(tests|pass|fail|cancelled|skipped|todo) +(\d+)$/.exec(line.trimEnd());
    return match === null ? [] : [[match[1] ?? '', Number(match[2])] as const];
  });
  const names = new Set(told.map(([name]) => name));
  if (!names.has('tests') || !names.has('pass')) return null;
  const counts = { ...none };
  for (const [name, number] of told) {
    const meaning = meanings[name];
    if (meaning !== undefined) counts[meaning] += number;
  }
  return counts;
};

/** `Tests:  1 failed, 2 passed, 3 total` */
const jest = lineCounter(/^Tests: +(.*\d+ total)$/, ([words = '']) => countedWords(words));

/** `     Tests  1 failed | 5 passed (6)` */
const vitest = lineCounter(/^ *Tests {2,}(\d+ .*)$/, ([words = '']) => countedWords(words));

/** `==== 1 failed, 3 passed, 2 warnings in 0.12s ====` */
const pytest = lineCounter(/^=* ?(\d+ [a-z]+(?:, \d+ [a-z]+)*) in [\d.]+s\b/, ([words = '']) =>
  countedWords(words),
);
const pytestNone = lineCounter(/^=* ?no tests ran in [\d.]+s\b/, () => none);

/** Tests where they are named (`go test -v`), else one for each package that had any. */
const goTest: Counter = (lines) => {
  const packages = lines.filter((line) => /^(?:ok|FAIL) {0,2}\t\S+\t/.test(line));
  const named = lines.flatMap((line) => /^ *--- (PASS|FAIL|SKIP): /.exec(line)?.[1] ?? []);
  if (packages.length === 0 && named.length === 0) return null;
  const of = (outcome: string) => named.filter((one) => one === outcome).length;
  const passed = packages.filter(
    (line) => line.startsWith('ok') && !/\[no tests? (?:to run|files)\]/.test(line),
  ).length;
  const failed = packages.filter((line) => line.startsWith('FAIL')).length;
  const counts = { passed: of('PASS'), failed: Math.max(of('FAIL'), failed), skipped: of('SKIP') };
  return of('PASS') > 0 ? counts : { ...counts, passed };
};

/** `  3 passing (10ms)`, `  1 failing`, `  2 pending` */
const mocha = lineCounter(/^ *(\d+ (?:passing|failing|pending))\b/, ([words = '']) => countedWords(words));

/** `test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out` */
const cargo = lineCounter(/^test result: \w+\. (.*)$/, ([words = '']) => countedWords(words));

/** `Ran 3 tests in 0.001s`, then `FAILED (failures=1, errors=1)`, as unittest has it. */
const unittest: Counter = (lines) => {
  const ran = lineCounter(/^Ran (\d+) tests? in /, ([total = '']) => ofTotal(total, none))(lines);
  if (ran === null) return null;
  const rest = lineCounter(/^(?:FAILED|OK) \((.*)\)$/, ([words = '']) => wordsCounted(words))(lines) ?? none;
  return ofTotal(String(ran.passed), rest);
};

/** `Tests run: 3, Failures: 0, Errors: 0, Skipped: 1`; lines that go on with a time are those of single classes. */
const surefire = lineCounter(
  /^(?:\[\w+\] +)?Tests run: (\d+)(, Failures: \d+, Errors: \d+, Skipped: \d+)$/,
  ([total = '', words = '']) => ofTotal(total, wordsCounted(words)),
);

/** `Passed!  - Failed:     0, Passed:     3, Skipped:     0, Total:     3` */
const dotnet = lineCounter(/^\s*(?:Passed|Failed)! +- (Failed: .*)$/, ([words = '']) => wordsCounted(words));

/** `OK (3 tests, 5 assertions)`, `Tests: 3, Assertions: 5, Failures: 1.` */
const phpunit = lineCounter(
  /^(?:OK \((\d+) tests?,|Tests: (\d+), Assertions: \d+(.*)$)/,
  ([fine = '', total = '', words = '']) => ofTotal(fine || total, wordsCounted(words)),
);

/** `3 examples, 1 failure, 1 pending` */
const rspec = lineCounter(/^(\d+) examples?, (\d+ failures?.*)$/, ([total = '', words = '']) =>
  ofTotal(total, countedWords(words)),
);

/** `12 passed, 0 failed`, `ok | 3 passed | 0 failed (10ms)`, ` 3 pass`: whatever else closes with numbers. */
const common = lineCounter(
  /^\s*(?:(?:ok|FAILED) \| )?(\d+ (?:pass|passed|fail|failed|flaky|skipped)\b.*)$/,
  ([words = '']) => countedWords(words),
);

export const summaries = {
  /** Each knows its own lines and no other's. */
  specific: [
    nodeTest,
    jest,
    vitest,
    pytest,
    pytestNone,
    goTest,
    mocha,
    cargo,
    unittest,
    surefire,
    dotnet,
    phpunit,
    rspec,
  ],
  /** Only where no other has found anything. */
  common,
} as const;
