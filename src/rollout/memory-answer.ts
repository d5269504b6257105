import type { Said } from './command.ts';
import type { PendingAction } from './pending-actions.ts';

/** Actions that one observation answers, with no gate, measurement or time in it. */
export type PlainAction = Exclude<PendingAction, { readonly type: 'verify' | 'judge' | 'tick' }>;

/** What is told of an action that went as it was asked for. */
export function memoryAnswer(action: PlainAction): Said {
  switch (action.type) {
    case 'apply-routes':
      return { type: 'RecordRoutes', version: action.routes.version };
    case 'ensure-instance': {
      const { instance } = action;
      const address = '127.0.0.1:41000';
      return { type: 'RecordInstance', instance, status: 'ready', address, reason: null };
    }
    case 'drain-instance':
      return { type: 'RecordDrained', instance: action.instance, cutOff: 0 };
    case 'stop-instance':
      return { type: 'RecordStopped', instance: action.instance };
    case 'run-command': {
      const { rollout, phase, index } = action;
      const output = 'all good\n';
      return { type: 'RecordCommand', rollout, phase, index, ok: true, output, durationMs: 1_250 };
    }
    case 'verify-artifact':
      return { type: 'RecordPlaced', rollout: action.rollout, holds: true, observed: 'unchanged' };
    case 'preserve-evidence':
      return { type: 'RecordEvidence', location: `.sluice/evidence/${action.rollout}` };
    case 'verify-stable': {
      const observed = '2 of 2 stable instances ready; 0 of 120 requests bad since';
      return { type: 'RecordRestoration', holds: true, observed };
    }
  }
}
