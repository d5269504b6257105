import { stripVTControlCharacters } from 'node:util';
import { countJunit } from './count-junit.ts';
import { countTap } from './count-tap.ts';
import type { KeptOutput } from './kept-output.ts';
import { sumOf, type TestCounts } from './test-counts.ts';
import { summaries } from './test-summaries.ts';

/** A summary is never on a longer line. */
const longestLine = 500;

/**
 * What the output of a test runner counts: TAP, JUnit XML, and the closing lines of the runners in `test-summaries.ts`. Several
 * runs in one output are added up. Null when nothing in it counts tests. Where the middle of a long output was not kept, only
 * closing lines count, because a failure could be in what is missing.
 */
export function countTests(output: Pick<KeptOutput, 'isWhole' | 'tail'>): TestCounts | null {
  const text = stripVTControlCharacters(output.tail());
  const lines = text.split(/\r?\n/).filter((line) => line.length <= longestLine);
  const found = summaries.specific.flatMap((count) => count(lines) ?? []);
  const junit = output.isWhole ? countJunit(text) : null;
  if (junit !== null) found.push(junit);
  // A runner that prints TAP sums it up at the end; the points are counted only where it does not.
  const rest =
    found.length > 0 ? null : ((output.isWhole ? countTap(lines) : null) ?? summaries.common(lines));
  return sumOf(rest === null ? found : [rest]);
}
