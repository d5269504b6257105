import type { TimeMs } from '../../base/clock.ts';
import type { InstanceSpec } from './port.ts';
import type { GroupLeader } from './process-group.ts';

/** What is on disk about an instance, so that the next controller finds it. No secret is in it. */
export interface InstanceRecord {
  readonly spec: InstanceSpec;
  /** Null while no process should run: before a restart, and after an end for good. */
  readonly process: (GroupLeader & { readonly port: number; readonly startedAtMs: TimeMs }) | null;
  readonly restarts: number;
  readonly deathsInRow: number;
  /** This process was seen ready. */
  readonly wasReady: boolean;
  /** It is over until it is stopped. */
  readonly final: { readonly status: 'crash-looping' | 'failed'; readonly reason: string } | null;
  /** A stop was begun and is taken up again by the next controller. */
  readonly stopping: boolean;
}

export function newRecord(spec: InstanceSpec): InstanceRecord {
  return {
    spec,
    process: null,
    restarts: 0,
    deathsInRow: 0,
    wasReady: false,
    final: null,
    stopping: false,
  };
}
