import { clockSlackMs } from '../base/clock.ts';
import { type IncidentId, type InstanceId, instanceId } from '../base/ids.ts';
import { hasEnded } from '../base/instance-status.ts';
import { sameJson } from '../base/same-json.ts';
import { desiredRoutes } from './desired-routes.ts';
import type { Ending } from './ending.ts';
import type { RolloutEvent } from './event.ts';
import type { PlanStep } from './plan.ts';
import { currentStep, type Instance, instancesOf, type Rollout, type TargetState } from './state.ts';
import { progressOf, type Running, serves } from './step-progress.ts';

/**
 * The next thing that follows from the state by itself; empty when everything waits for somebody. Called until it is: the
 * order of the questions is the order of importance, and routes come before anything that relies on them.
 */
export function advance(state: TargetState, at: number): readonly RolloutEvent[] {
  const questions = [
    expireStandby,
    returnStandby,
    retireInstances,
    requestRoutes,
    watchCandidate,
    moveCursor,
    watchRestoration,
    takeFromQueue,
  ];
  for (const question of questions) {
    const events = question(state, at);
    if (events.length > 0) return events;
  }
  return [];
}

function expireStandby(state: TargetState, at: number): readonly RolloutEvent[] {
  return state.standby
    .filter(({ warmUntil }) => warmUntil <= at)
    .map(({ rollout }) => ({ type: 'StandbyExpired', rollout }));
}

/** A rollback that is given up leaves the release that it went to as warm as it was. */
function returnStandby({ rollout }: TargetState): readonly RolloutEvent[] {
  if (rollout?.phase !== 'back' || rollout.adopted === null) return [];
  return [{ type: 'StandbyReturned', rollout: rollout.rollout, to: rollout.adopted.rollout }];
}

/** Instances that nothing needs any more leave every table first. */
function retireInstances(state: TargetState): readonly RolloutEvent[] {
  return Object.values(state.instances)
    .filter((instance) => instance.retiredAt === null && !isNeeded(state, instance))
    .map((instance) => ({
      type: 'InstanceRetired',
      instance: instance.id,
      afterVersion: firstVersionWithout(state, instance.id),
    }));
}

function isNeeded(state: TargetState, { rollout: generation }: Instance): boolean {
  const { rollout } = state;
  const step = currentStep(rollout);
  if (step?.type === 'retire' && rollout !== null && rollout.phase !== 'verifying' && rollout.started) {
    const retired = step.arm === 'candidate' ? rollout.rollout : state.stable?.rollout;
    if (generation === retired) return false;
  }
  return [state.stable?.rollout, rollout?.rollout, ...state.standby.map((one) => one.rollout)].includes(
    generation,
  );
}

/** The acknowledged table that lets an instance be drained: the present one when it is not named there, else the next. */
function firstVersionWithout({ routes: { requested } }: TargetState, id: InstanceId): number {
  if (requested === null) return 0;
  const { stable, candidate, mirror } = requested;
  const named = [...stable, ...candidate, ...(mirror?.backends ?? [])].some(
    ({ instance }) => instance === id,
  );
  return named ? requested.version + 1 : requested.version;
}

function requestRoutes(state: TargetState): readonly RolloutEvent[] {
  const routes = desiredRoutes(state);
  if (routes === null) return [];
  const { requested } = state.routes;
  if (requested !== null && sameJson(requested, routes)) return [];
  return [{ type: 'RoutesRequested', routes: { ...routes, version: (requested?.version ?? 0) + 1 } }];
}

/** A candidate that cannot stay up is taken back in whatever step the rollout is. */
function watchCandidate(state: TargetState): readonly RolloutEvent[] {
  const { rollout } = state;
  if (rollout?.phase !== 'forward' || state.stable?.rollout === rollout.rollout) return [];
  const lost = instancesOf(state, rollout.rollout).find(({ status }) => hasEnded(status));
  if (lost === undefined) return [];
  const message = `${lost.id}: ${lost.reason ?? lost.status}`;
  return [back(rollout, `candidate-${lost.status}`, message)];
}

function moveCursor(state: TargetState, at: number): readonly RolloutEvent[] {
  const { rollout } = state;
  if (rollout === null || rollout.phase === 'verifying') return [];
  const step = currentStep(rollout);
  if (step === null) return ended(state, rollout, at);
  const { index } = rollout;
  if (!rollout.started) {
    return rollout.pausedBy === null ? [{ type: 'StepStarted', index, at }] : [];
  }
  if (isNeedless(rollout, step))
    return [{ type: 'StepCompleted', index, how: 'not needed: the schema was never touched' }];
  // The clock was set back: what is left of the step is not known, so its time begins anew.
  if (isTimed(step) && at < rollout.stepStartedAt - clockSlackMs) return [{ type: 'StepStarted', index, at }];
  const asked = askFor(state, rollout, step, at);
  if (asked.length > 0) return asked;
  const progress = progressOf(state, rollout, step, at);
  if (progress.kind === 'waiting' || (progress.kind === 'done' && rollout.pausedBy !== null)) return [];
  if (progress.kind === 'done') return [{ type: 'StepCompleted', index, how: progress.how }];
  if (rollout.phase === 'forward') return [back(rollout, progress.code, progress.message)];
  return escalate(state, rollout, progress, at);
}

function isTimed(step: PlanStep): boolean {
  const timedPause = step.type === 'pause' && step.durationMs !== null;
  return timedPause || ['soak', 'analyze', 'mirror'].includes(step.type);
}

/** A migration that was never begun is not undone: up by a deployment, down by a rollback. */
function isNeedless(rollout: Running, step: PlanStep): boolean {
  if (rollout.phase !== 'back' || step.type !== 'command') return false;
  const { role } = step;
  const rollback = rollout.plan.kind === 'rollback';
  const undoes = rollback ? role === 'migrate-up' : role === 'migrate-down' || role === 'integrity-restored';
  const begun = rollback ? 'migrate-down' : 'migrate-up';
  const at = rollout.plan.steps.findIndex((one) => one.type === 'command' && one.role === begun);
  return undoes && rollout.reached < at;
}

/** Events by which a step asks for something that is not derived from the state alone. */
function askFor(state: TargetState, rollout: Running, step: PlanStep, at: number): readonly RolloutEvent[] {
  if (step.type === 'start') {
    const warm = state.standby.find((one) => one.rollout === rollout.backTo);
    return warm !== undefined && rollout.phase === 'forward'
      ? [{ type: 'StandbyAdopted', rollout: rollout.rollout, from: warm.rollout }]
      : request(state, rollout.rollout, step.replicas);
  }
  if (step.type === 'restart-stable' && state.stable !== null) {
    return request(state, state.stable.rollout, state.stable.plan.replicas);
  }
  if (step.type === 'promote' && state.stable?.rollout !== rollout.rollout && serves(state, rollout)) {
    const { release, rollbackWindowMs } = rollout.plan;
    const warmUntil = at + rollbackWindowMs;
    return [{ type: 'ReleasePromoted', rollout: rollout.rollout, release, warmUntil }];
  }
  return [];
}

function request(state: TargetState, rollout: Rollout['rollout'], replicas: number): readonly RolloutEvent[] {
  const there = instancesOf(state, rollout).filter(({ retiredAt }) => retiredAt === null).length;
  if (there >= replicas) return [];
  const used = new Set(Object.keys(state.instances));
  const instances: InstanceId[] = [];
  for (let number = 1; instances.length < replicas - there; number += 1) {
    const id = instanceId(rollout, number);
    if (!used.has(id)) instances.push(id);
  }
  return [{ type: 'InstancesRequested', instances, rollout }];
}

function back(rollout: Running, code: string, message: string): RolloutEvent {
  return {
    type: 'GoingBackStarted',
    reason: { code, message, by: 'controller' },
    hadTraffic: rollout.hadTraffic,
  };
}

/** Going back never stops at a step that failed: a person is called, and the next step is taken. */
function escalate(
  state: TargetState,
  rollout: Running,
  { code, message }: { readonly code: string; readonly message: string },
  at: number,
): readonly RolloutEvent[] {
  const title = `${code} while going back from ${rollout.plan.release.version}: ${message}`;
  const how = `escalated: ${message}`;
  return [
    ...open(state, rollout, { severity: 'critical', title, at }),
    { type: 'StepBroken', index: rollout.index, message: title },
    { type: 'StepCompleted', index: rollout.index, how },
  ];
}

/** A release that users met and that was taken back leaves an open incident; what a person aborted does not. */
function ended(state: TargetState, rollout: Running, at: number): readonly RolloutEvent[] {
  const ending = endingOf(rollout);
  const reason = rollout.phase === 'back' ? rollout.reason : null;
  const [why] = (reason?.message ?? '').split(/(?<=[.!?])\s/, 1);
  const title = `${rollout.plan.release.version} was taken back: ${why ?? ''}`;
  const opened = ending === 'rolled-back' ? open(state, rollout, { severity: 'high', title, at }) : [];
  return [...opened, { type: 'RolloutEnded', ending, reason, at }];
}

function open(
  state: TargetState,
  { rollout }: Running,
  facts: { readonly severity: 'critical' | 'high'; readonly title: string; readonly at: number },
): readonly RolloutEvent[] {
  const incident = `INC-${rollout}` as IncidentId;
  if (state.incidents.some(({ id }) => id === incident)) return [];
  return [{ type: 'IncidentOpened', incident, rollout, ...facts }];
}

function endingOf(rollout: Running): Ending {
  if (rollout.phase === 'forward') return 'succeeded';
  if (rollout.reason.code === 'aborted' || rollout.reason.code === 'superseded') return 'aborted';
  return rollout.hadTraffic ? 'rolled-back' : 'failed';
}

/** Told once, while going back still goes on. */
function watchRestoration({ rollout }: TargetState, at: number): readonly RolloutEvent[] {
  if (rollout?.phase !== 'back' || rollout.late || !rollout.hadTraffic || rollout.backSince === null)
    return [];
  const { restoreWithinMs } = rollout.plan;
  if (at < rollout.backSince + restoreWithinMs) return [];
  const message = `Not at its old level ${Math.round(restoreWithinMs / 1_000)} s after going back began.`;
  return [{ type: 'RestorationLate', message }];
}

/** Law 8: what was queued before an incident was opened waits until it is resolved. */
function takeFromQueue({ rollout, queue, incidents }: TargetState): readonly RolloutEvent[] {
  const [next] = queue;
  if (rollout !== null || next === undefined) return [];
  const waived = next.waivers?.incidents?.ids ?? [];
  const blocked = incidents.some(({ id }) => !waived.includes(id));
  return blocked ? [] : [{ type: 'RolloutRequested', ...next }];
}
