import type { Reason } from './ending.ts';
import type { RolloutEvent } from './event.ts';
import { blockingGates, type GateResult } from './gate.ts';
import type { Escalation } from './occasion.ts';
import { currentStep, type TargetState } from './state.ts';

/** What an event calls a person for; null for most. `state` is the one before the event. */
export function escalationOf(event: RolloutEvent, state: TargetState): Escalation | null {
  switch (event.type) {
    case 'GoingBackStarted':
      return onReason(event.reason.code, event.reason.message) ?? onFailedRollback(event.reason, state);
    case 'VerificationFailed':
      return state.rollout?.backTo === undefined ? null : onRefusedRollback(event.gates);
    case 'StepBroken':
      return onBrokenStep(event.message, state);
    case 'RestorationLate':
      return { occasion: 'not-restored', severity: 'critical', issue: event.message };
    case 'IncidentOpened':
      return event.signal === undefined ? null : onReason(`signal-${event.signal}`, event.title);
    case 'RolloutEnded': {
      const { rollout, stable } = state;
      const out = stable === null && rollout?.phase === 'back' && rollout.hadTraffic;
      const issue =
        'The first release was taken back and nothing runs beside it: users see the maintenance page.';
      return out ? { occasion: 'outage', severity: 'critical', issue } : null;
    }
    default:
      return null;
  }
}

/** Whether a signal waits for nobody: a person is called, and going back is not put off. */
export function isUrgent(signal: string): boolean {
  return onReason(`signal-${signal}`, '') !== null;
}

function onReason(code: string, issue: string): Escalation | null {
  if (code === 'signal-security') return { occasion: 'vulnerability', severity: 'critical', issue };
  if (code === 'signal-outage') return { occasion: 'outage', severity: 'critical', issue };
  const integrity = code === 'signal-integrity' || code.startsWith('integrity-');
  return integrity ? { occasion: 'data-integrity', severity: 'critical', issue } : null;
}

/** The rollback itself does not come up, unless a person took it back. */
function onFailedRollback({ code, message }: Reason, { rollout }: TargetState): Escalation | null {
  if (rollout?.phase !== 'forward' || rollout.plan.kind !== 'rollback') return null;
  if (code === 'aborted' || code === 'superseded') return null;
  return { occasion: 'rollback-failed', severity: 'critical', issue: message };
}

function onRefusedRollback(gates: readonly GateResult[]): Escalation {
  const issue = blockingGates(gates)
    .map(({ gate, observed }) => `${gate}: ${observed}`)
    .join('; ');
  return { occasion: 'rollback-failed', severity: 'high', issue };
}

function onBrokenStep(issue: string, { rollout }: TargetState): Escalation {
  const step = currentStep(rollout);
  if (step?.type === 'verify-restored') return { occasion: 'not-restored', severity: 'critical', issue };
  const integrity = step?.type === 'command' && step.role === 'integrity-restored';
  return { occasion: integrity ? 'data-integrity' : 'rollback-failed', severity: 'critical', issue };
}
