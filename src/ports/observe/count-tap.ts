import type { TestCounts } from './test-counts.ts';

/**
 * Test points of the Test Anything Protocol. Points of subtests are indented and belong to theirs. Points that the plan
 * promises and that are not there have failed, and so has a run that bails out. Null when there is no plan.
 */
export function countTap(lines: readonly string[]): TestCounts | null {
  const plans = lines.flatMap((line) => /^1\.\.(\d+)/.exec(line)?.[1] ?? []).map(Number);
  if (plans.length === 0) return null;
  const points = lines.filter((line) => /^(?:not )?ok\b/.test(line));
  const skipped = points.filter((point) => /#\s*skip/i.test(point)).length;
  const failed = points.filter(
    (point) => point.startsWith('not') && !/#\s*(?:skip|todo)/i.test(point),
  ).length;
  const promised = plans.reduce((sum, plan) => sum + plan, 0);
  const missing = Math.max(0, promised - points.length);
  const bailed = lines.filter((line) => line.startsWith('Bail out!')).length;
  const todo = points.filter((point) => point.startsWith('not') && /#\s*todo/i.test(point)).length;
  return {
    passed: points.length - failed - skipped - todo,
    failed: failed + missing + bailed,
    skipped: skipped + todo,
  };
}
