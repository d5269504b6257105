export interface TestCounts {
  readonly passed: number;
  /** With those that could not be run to their end. */
  readonly failed: number;
  readonly skipped: number;
}

/** Null for none. */
export function sumOf(counts: readonly TestCounts[]): TestCounts | null {
  if (counts.length === 0) return null;
  return counts.reduce((sum, { passed, failed, skipped }) => ({
    passed: sum.passed + passed,
    failed: sum.failed + failed,
    skipped: sum.skipped + skipped,
  }));
}
