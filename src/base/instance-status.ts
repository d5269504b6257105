/**
 * `starting` → `ready` ⇄ `unready` → `restarting` (died; comes back after a backoff) → … ; `crash-looping` and `failed`
 * are final until it is stopped; `stopped` when it is gone.
 */
export type InstanceStatus =
  | 'starting'
  | 'ready'
  | 'unready'
  | 'restarting'
  | 'crash-looping'
  | 'failed'
  | 'stopped';

/** It runs no process and does not come back by itself. */
export function hasEnded(status: InstanceStatus): boolean {
  return status === 'crash-looping' || status === 'failed';
}
