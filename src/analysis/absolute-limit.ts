import type { ArmBatch } from './batch.ts';
import { alternativesOf, logEByAlternative } from './binary-process.ts';
import { combineLogE } from './combine.ts';

/** ln E against "bad rate ≤ limit" of all requests so far, for alternatives from mildly to wildly worse; valid at any time. */
export function limitLogE(
  { requests: n, bad: x }: Pick<ArmBatch, 'requests' | 'bad'>,
  limit: number,
): number {
  const test = { r: 0, d: limit, direction: 'harm', pHat: limit, equalRate: limit } as const;
  const logE = logEByAlternative({ n, x, m: 0, y: 0 }, test);
  return combineLogE(
    alternativesOf('harm').map(({ weight }, k) => ({ logE: logE[k] ?? Number.NEGATIVE_INFINITY, weight })),
  );
}
