import type { TrafficCounts } from '../../base/counts.ts';
import type { InstanceId, TargetId } from '../../base/ids.ts';
import type { RouteTable } from '../../base/route-table.ts';

/** What the router has applied for a target. */
export interface AppliedRoutes {
  readonly fence: number;
  readonly version: number;
}

/** What carries users' requests to instances. */
export interface Traffic {
  /**
   * Applies the table atomically: requests that arrive after the acknowledgement meet it, and nothing new is sent to an
   * instance that it does not name. Rejects with `route-table-stale`, `listen-failed` or `router-unreachable`.
   */
  apply(table: RouteTable): Promise<AppliedRoutes>;
  /** Null when the router knows nothing of the target. Rejects with `router-unreachable`. */
  applied(target: TargetId): Promise<AppliedRoutes | null>;
  counts(target: TargetId): Promise<TrafficCounts>;
  /**
   * Resolves when no request is in flight on the instance, or after `deadlineMs`; says how many were cut off then.
   * The table in force must not name the instance (`instance-still-routed`).
   */
  drained(
    target: TargetId,
    instance: InstanceId,
    options: { readonly deadlineMs: number },
  ): Promise<{ readonly cutOff: number }>;
  /** Takes the target off its listener; the last target of a listener closes it. */
  remove(target: TargetId): Promise<void>;
  /** Called when the router was restarted or was reached again after it was not. */
  onReconnect(listener: () => void): () => void;
  close(): Promise<void>;
}
