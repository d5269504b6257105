import type { ArmBatch } from '../analysis/batch.ts';
import { percent } from './numbers.ts';

/** What became of the requests of users that were given to one version. */
export interface UsersMet {
  readonly requests: number;
  /** Answered well by it. */
  readonly served: number;
  /** It failed them, and another instance answered instead. */
  readonly shielded: number;
  /** It failed them, and the user saw it. */
  readonly harmed: number;
}

export function usersMet({ requests, bad, shielded = 0 }: ArmBatch): UsersMet {
  // A reading can hold the answer of another instance before the failure that it makes good.
  const good = Math.max(0, Math.min(bad, shielded));
  return { requests, served: requests - bad, shielded: good, harmed: bad - good };
}

/** `170 requests, of them 165 served, 4 shielded, 1 harmed (0.59 %)` */
export function usersMetText(arm: ArmBatch): string {
  const { requests, served, shielded, harmed } = usersMet(arm);
  if (requests === 0) return 'no requests yet';
  return `${requests} requests, of them ${served} served, ${shielded} shielded, ${harmed} harmed (${percent(harmed / requests)})`;
}
