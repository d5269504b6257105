import type { IncidentId } from '../base/ids.ts';
import { unreachable } from '../base/invariant.ts';
import { advance } from './advance.ts';
import { type Answer, decided, type Of, refused } from './answer.ts';
import type { RolloutCommand } from './command.ts';
import { escalationOf, isUrgent } from './escalation.ts';
import type { RolloutEvent } from './event.ts';
import { evolve } from './evolve.ts';
import { blockingGates } from './gate.ts';
import { clockJump, measurement, observation } from './observation.ts';
import { currentStep, type TargetState } from './state.ts';

/** What a command means in a state: its own events, and all that follows from them without anybody's doing. */
export function decide(state: TargetState, command: RolloutCommand): Answer {
  const direct = answer(state, command);
  if (direct.kind === 'refused') return direct;
  const told = new Told(state);
  told.add(direct.events);
  for (let next = advance(told.state, command.at); next.length > 0; next = advance(told.state, command.at)) {
    told.add(next);
  }
  return { kind: 'decided', events: told.events };
}

/** Events with what each of them calls a person for, and the state after them. */
class Told {
  readonly events: RolloutEvent[] = [];
  state: TargetState;

  constructor(state: TargetState) {
    this.state = state;
  }

  add(events: readonly RolloutEvent[]): void {
    for (const event of events) {
      const escalation = escalationOf(event, this.state);
      const rollout = this.state.rollout?.rollout ?? null;
      const added: readonly RolloutEvent[] =
        escalation === null ? [event] : [event, { type: 'Escalated', rollout, ...escalation }];
      this.events.push(...added);
      this.state = added.reduce(evolve, this.state);
    }
  }
}

function answer(state: TargetState, command: RolloutCommand): Answer {
  switch (command.type) {
    case 'RequestRollout':
      return request(state, command);
    case 'RecordVerification':
      return verification(state, command);
    case 'Approve':
    case 'Pause':
    case 'Resume':
    case 'Promote':
    case 'Abort':
    case 'TakeBack':
      return steer(state, command);
    case 'AcknowledgeIncident':
    case 'ResolveIncident':
      return incident(state, command);
    case 'RecordBatch':
      return measurement(state, command);
    case 'OpenIncident':
      return signalled(state, command);
    case 'RecordClockJump':
      return clockJump(state, command.byMs);
    case 'Tick':
      return decided();
    default:
      return observation(state, command);
  }
}

function request(state: TargetState, command: Of<'RequestRollout'>): Answer {
  const { rollout, unit, by, at, backTo, waivers, paperwork } = command;
  const asked = {
    rollout,
    unit,
    by,
    ...(backTo === undefined ? {} : { backTo }),
    ...(waivers === undefined ? {} : { waivers }),
    ...(paperwork === undefined ? {} : { paperwork }),
  };
  if (command.blockedBy.length > 0) {
    return refused(
      'incident-open',
      `The environment has an open incident: ${command.blockedBy.join(', ')}.`,
      'Resolve it with `sluice incident resolve`, deploy the unit that fixes it, or override it with a reason.',
    );
  }
  if (state.rollout === null) return decided({ type: 'RolloutRequested', ...asked });
  if (command.onConflict === 'refuse') {
    return refused(
      'rollout-running',
      `${state.rollout.rollout} is running since ${state.rollout.by} asked for it.`,
      'Wait for it, abort it, or set `onConflict: queue` or `supersede` for the environment.',
    );
  }
  const queued: RolloutEvent = { type: 'RolloutQueued', ...asked };
  if (command.onConflict === 'queue') return decided(queued);
  return decided(
    queued,
    ...goBack(state, { code: 'superseded', message: `superseded by ${rollout}`, by }, at),
  );
}

function verification(state: TargetState, command: Of<'RecordVerification'>): Answer {
  const { rollout } = state;
  if (rollout === null || rollout.rollout !== command.rollout || rollout.phase !== 'verifying')
    return decided();
  const blocking = blockingGates(command.gates);
  if (command.plan !== null && blocking.length === 0) {
    return decided({ type: 'RolloutPlanned', plan: command.plan, gates: command.gates });
  }
  const message = blocking.map((gate) => `${gate.gate}: ${gate.observed}`).join('; ');
  const reason = { code: 'gate-blocked', message, by: command.by };
  return decided(
    {
      type: 'VerificationFailed',
      gates: command.gates,
      ...(command.release === undefined ? {} : { release: command.release }),
    },
    { type: 'RolloutEnded', ending: 'refused', reason, at: command.at },
  );
}

function steer(
  state: TargetState,
  command: Of<'Approve' | 'Pause' | 'Resume' | 'Promote' | 'Abort' | 'TakeBack'>,
): Answer {
  const { rollout } = state;
  if (rollout === null) {
    return refused('no-rollout', 'No rollout is running here.', '`sluice status` shows what is.');
  }
  if (command.type === 'Abort' && state.stable?.rollout === rollout.rollout) {
    return refused(
      'already-promoted',
      `${rollout.rollout} is promoted: ${state.stable.release.version} is stable.`,
      '`sluice rollback` goes back to the release before it.',
    );
  }
  if (command.type === 'Abort' || command.type === 'TakeBack') {
    const reason =
      command.type === 'Abort'
        ? { code: 'aborted', message: command.reason, by: command.by }
        : { code: command.code, message: command.message, by: command.by };
    return decided(...goBack(state, reason, command.at));
  }
  if (rollout.phase !== 'forward') {
    return refused(
      'not-going-forward',
      `${rollout.rollout} is ${rollout.phase === 'back' ? 'going back' : 'being verified'}.`,
      'Wait for it to end; `sluice watch` shows how far it is.',
    );
  }
  switch (command.type) {
    case 'Approve':
      return decided({ type: 'ApprovalGiven', role: command.role, by: command.by, comment: command.comment });
    case 'Pause':
      return rollout.pausedBy === null ? decided({ type: 'RolloutPaused', by: command.by }) : decided();
    case 'Resume':
      return resume(state, command.by);
    case 'Promote':
      return promoteByHand(state, command);
    default:
      return unreachable(command);
  }
}

function resume(state: TargetState, by: string): Answer {
  const { rollout } = state;
  if (rollout?.phase !== 'forward') return decided();
  if (rollout.pausedBy !== null) return decided({ type: 'RolloutResumed', by });
  const waits = currentStep(rollout)?.type === 'pause';
  return waits
    ? decided({ type: 'StepPromotedByHand', index: rollout.index, by, reason: 'resumed' })
    : refused('not-paused', `${rollout.rollout} is not paused.`, '`sluice pause` pauses it.');
}

function promoteByHand(state: TargetState, command: Of<'Promote'>): Answer {
  const { rollout } = state;
  const step = currentStep(rollout);
  if (rollout?.phase !== 'forward' || step === null) return decided();
  if (!['analyze', 'mirror', 'pause', 'soak'].includes(step.type)) {
    return refused(
      'nothing-to-promote',
      `The present step, ${step.type}, waits for no evidence.`,
      'Promote goes on from mirror, analyze, pause and soak; approvals are given with `sluice approve`.',
    );
  }
  const { by, reason } = command;
  return decided({ type: 'StepPromotedByHand', index: rollout.index, by, reason });
}

/** Asking twice to go back is asking once. A rollout that was never planned simply ends. */
function goBack(
  state: TargetState,
  reason: { code: string; message: string; by: string },
  at: number,
): RolloutEvent[] {
  const { rollout } = state;
  if (rollout === null || rollout.phase === 'back') return [];
  // Already promoted: what is left is an acknowledgement, and going back from it is a rollback of its own.
  if (state.stable?.rollout === rollout.rollout) return [];
  if (rollout.phase === 'verifying') return [{ type: 'RolloutEnded', ending: 'aborted', reason, at }];
  return [{ type: 'GoingBackStarted', reason, hadTraffic: rollout.hadTraffic }];
}

/** After a success: the stable release is what it is about. */
function signalled({ stable }: TargetState, { signal, title, at }: Of<'OpenIncident'>): Answer {
  if (stable === null) {
    return refused('nothing-deployed', 'Nothing is deployed here.', '`sluice status` shows what is.');
  }
  const { rollout } = stable;
  const id = `INC-${rollout}-${signal}-${at.toString(36)}` as IncidentId;
  const severity = isUrgent(signal) ? 'critical' : 'high';
  return decided({ type: 'IncidentOpened', incident: id, rollout, signal, severity, title, at });
}

function incident(state: TargetState, command: Of<'AcknowledgeIncident' | 'ResolveIncident'>): Answer {
  const { incident: id, by } = command;
  if (!state.incidents.some((one) => one.id === id)) {
    return refused('incident-unknown', `No open incident ${id}.`, '`sluice incident` lists the open ones.');
  }
  return command.type === 'AcknowledgeIncident'
    ? decided({ type: 'IncidentAcknowledged', incident: id, by })
    : decided({ type: 'IncidentResolved', incident: id, by, reason: command.reason });
}
