/** How one number (or word) of a case compares with what was computed. */
export interface Difference {
  /** Such as `logE[2]`. */
  readonly path: string;
  readonly expected: unknown;
  readonly actual: unknown;
  /** Absolute for logs, relative for interval ends; Infinity where the two cannot be compared. */
  readonly deviation: number;
  readonly allowed: string;
  readonly ok: boolean;
}

const tolerance = 1e-9;

/** Compares every member that a case expects. Members that were computed and are not expected are no difference. */
export function differences(
  expected: Readonly<Record<string, unknown>>,
  actual: Readonly<Record<string, unknown>>,
): readonly Difference[] {
  return Object.entries(expected).flatMap(([name, value]) => compare(name, name, value, actual[name]));
}

function compare(name: string, path: string, expected: unknown, actual: unknown): readonly Difference[] {
  if (Array.isArray(expected) && Array.isArray(actual) && expected.length === actual.length) {
    return expected.flatMap((entry, i) => compare(name, `${path}[${i}]`, entry, actual[i]));
  }
  if (typeof expected === 'number' && typeof actual === 'number') {
    const scale = scaleOf(name, expected);
    const deviation = expected === actual ? 0 : Math.abs(actual - expected) / scale;
    const allowed = scale === 1 ? '1e-9' : '1e-9 relative';
    return [
      {
        path,
        expected,
        actual,
        deviation: Number.isNaN(deviation) ? Number.POSITIVE_INFINITY : deviation,
        allowed,
        ok: deviation <= tolerance,
      },
    ];
  }
  const ok = sameOrEndless(expected, actual);
  const deviation = ok ? 0 : Number.POSITIVE_INFINITY;
  return [{ path, expected, actual, deviation, allowed: 'the same', ok }];
}

/** Log e-values are held absolutely, ends of intervals relatively, and the rest by the size it has. */
function scaleOf(name: string, expected: number): number {
  const size = Math.abs(expected);
  if (['logE', 'maxLogE', 'L', 'threshold'].includes(name)) return 1;
  return name === 'interval' && size > 0 ? size : Math.max(1, size);
}

/** JSON has no Infinity and writes null for it. */
function sameOrEndless(expected: unknown, actual: unknown): boolean {
  if (expected === null && typeof actual === 'number')
    return !Number.isFinite(actual) && !Number.isNaN(actual);
  return JSON.stringify(expected) === JSON.stringify(actual);
}
