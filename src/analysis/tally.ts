import type { RequestTally } from '../base/counts.ts';

export const noRequests: RequestTally = { requests: 0, bad: 0 };

/** `a` plus `b`, or minus it. */
export function addTallies(a: RequestTally, b: RequestTally, sign: 1 | -1 = 1): RequestTally {
  return { requests: a.requests + sign * b.requests, bad: a.bad + sign * b.bad };
}
