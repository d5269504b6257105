import type { Clock } from '../../base/clock.ts';
import type { TrafficCounts } from '../../base/counts.ts';
import { type ControlCall, callRouter } from './control-client.ts';
import type { AppliedRoutes, Traffic } from './port.ts';
import { RouterWatch } from './router-watch.ts';

/** How much later than its deadline a drain may be answered. */
const drainSlackMs = 5_000;

/**
 * The router behind `socketPath`. It need not run yet: calls reject with `router-unreachable` until it does, and
 * `onReconnect` tells when. Nothing is sent again by itself, because only the caller knows what is still wanted.
 */
export function openRouterTraffic(options: { readonly socketPath: string; readonly clock: Clock }): Traffic {
  const closing = new AbortController();
  const listeners = new Set<() => void>();
  const reached = () => {
    for (const listener of [...listeners]) listener();
  };
  const watch = new RouterWatch(options, { reached });
  const call = (asked: ControlCall) => callRouter({ ...options, signal: closing.signal }, asked);
  return {
    apply: async (table) =>
      (await call({
        method: 'PUT',
        path: ['targets', table.target, 'table'],
        body: table,
      })) as AppliedRoutes,
    applied: async (target) =>
      (await call({ method: 'GET', path: ['targets', target, 'applied'] })) as AppliedRoutes | null,
    counts: async (target) =>
      (await call({ method: 'GET', path: ['targets', target, 'counts'] })) as TrafficCounts,
    drained: async (target, instance, { deadlineMs }) =>
      (await call({
        method: 'POST',
        path: ['targets', target, 'instances', instance, 'drained'],
        body: { deadlineMs },
        timeoutMs: deadlineMs + drainSlackMs,
      })) as { readonly cutOff: number },
    async remove(target) {
      await call({ method: 'DELETE', path: ['targets', target] });
    },
    onReconnect(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      listeners.clear();
      watch.close();
      closing.abort();
    },
  };
}
