import type { RolloutEvent } from './event.ts';
import type { Escalation } from './occasion.ts';
import { currentStep, type TargetState } from './state.ts';

/** What an event calls a person for; null for most. `state` is the one before the event. */
export function escalationOf(event: RolloutEvent, state: TargetState): Escalation | null {
  switch (event.type) {
    case 'GoingBackStarted':
      return onReason(event.reason.code, event.reason.message);
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

function onReason(code: string, issue: string): Escalation | null {
  if (code === 'signal-security') return { occasion: 'vulnerability', severity: 'critical', issue };
  if (code === 'signal-outage') return { occasion: 'outage', severity: 'critical', issue };
  const integrity = code === 'signal-integrity' || code.startsWith('integrity-');
  return integrity ? { occasion: 'data-integrity', severity: 'critical', issue } : null;
}

function onBrokenStep(issue: string, { rollout }: TargetState): Escalation {
  const step = currentStep(rollout);
  if (step?.type === 'verify-restored') return { occasion: 'not-restored', severity: 'critical', issue };
  const integrity = step?.type === 'command' && step.role === 'integrity-restored';
  return { occasion: integrity ? 'data-integrity' : 'rollback-failed', severity: 'critical', issue };
}
