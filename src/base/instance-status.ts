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
