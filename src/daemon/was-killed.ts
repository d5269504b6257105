import { join } from 'node:path';
import { holderState } from './lease-holder.ts';
import { readLease } from './read-lease.ts';

/** True when the controller of a state directory is gone without having said so: one that was told to end gives its lease back. */
export async function wasKilled(stateDir: string): Promise<boolean> {
  const lease = readLease(join(stateDir, 'journal'), 'controller');
  return lease !== null && lease.expiresAt > 0 && (await holderState(lease.holder)) === 'gone';
}
