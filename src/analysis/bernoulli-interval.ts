import type { Interval } from './interval.ts';
import { logBeta } from './log-beta.ts';

/** Interval of a rate that holds at every moment at once (Robbins; Beta(½, ½) mixture). */
export function bernoulliInterval(x: number, n: number, alpha: number): Interval {
  if (n === 0) return [0, 1];
  const limit = -Math.log(alpha);
  const base = logBeta(0.5 + x, 0.5 + n - x) - logBeta(0.5, 0.5);
  const excluded = (p: number) => base - times(x, Math.log(p)) - times(n - x, Math.log1p(-p)) >= limit;
  const centre = x / n;
  return [x === 0 ? 0 : boundary(excluded, 0, centre), x === n ? 1 : boundary(excluded, 1, centre)];
}

/** Where `excluded` begins between an excluded end and a point inside. */
function boundary(excluded: (p: number) => boolean, outside: number, inside: number): number {
  let [out, into] = [outside, inside];
  for (let i = 0; i < 1100; i += 1) {
    const middle = (out + into) / 2;
    if (middle === out || middle === into) break;
    if (excluded(middle)) out = middle;
    else into = middle;
  }
  return into;
}

function times(count: number, log: number): number {
  return count === 0 ? 0 : count * log;
}
