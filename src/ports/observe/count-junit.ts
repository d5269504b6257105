import type { TestCounts } from './test-counts.ts';

/**
 * Test cases of a JUnit report. What the attributes of the suites say counts where it is worse than the cases; a report that
 * is cut off has failed. Null when there is none.
 */
export function countJunit(text: string): TestCounts | null {
  if (!/<testsuites?[\s>/]/.test(text)) return null;
  const count = (pattern: RegExp) => text.match(pattern)?.length ?? 0;
  const cases = count(/<testcase[\s>/]/g);
  const bad = count(/<(?:failure|error)[\s>/]/g);
  const skipped = count(/<skipped[\s>/]/g);
  const failed = Math.max(bad, toldBad(text)) + (isClosed(text) ? 0 : 1);
  return { passed: Math.max(0, cases - failed - skipped), failed, skipped };
}

/** The outermost suite has the sum of all; where there are several, the worst is bad enough. */
function toldBad(text: string): number {
  const suites = text.match(/<testsuites?\s[^>]{0,2000}>/g) ?? [];
  const told = suites.map((suite) => attribute(suite, 'failures') + attribute(suite, 'errors'));
  return told.reduce((worst, bad) => Math.max(worst, bad), 0);
}

function attribute(element: string, name: string): number {
  return Number(new RegExp(`\\s${name}=["'](\\d+)`).exec(element)?.[1] ?? 0);
}

function isClosed(text: string): boolean {
  return text.includes('</testsuite') || /<testsuites?(?:\s[^>]{0,2000})?\/>/.test(text);
}
