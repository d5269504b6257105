import { invariant, unreachable } from '../base/invariant.ts';
import { fullWeight } from '../base/route-table.ts';
import type { RolloutEvent } from './event.ts';
import { askSafetyAnew, foldBatch, startEvidence } from './evidence.ts';
import {
  currentStep,
  type Going,
  type Instance,
  instancesOf,
  type Rollout,
  servingOf,
  type TargetState,
} from './state.ts';

/** Folds one event into the state. Pure: replaying a stream gives the live state again. */
export function evolve(state: TargetState, event: RolloutEvent): TargetState {
  return { ...fold(state, event), version: state.version + 1 };
}

function fold(state: TargetState, event: RolloutEvent): TargetState {
  switch (event.type) {
    case 'RolloutRequested': {
      const { type: _, ...request } = event;
      const queue = state.queue.filter(({ rollout }) => rollout !== request.rollout);
      return { ...state, queue, rollout: { ...request, phase: 'verifying' } };
    }
    case 'RolloutQueued': {
      const { type: _, ...request } = event;
      return { ...state, queue: [...state.queue, request] };
    }
    case 'RolloutEnded':
      return { ...state, rollout: null };
    case 'ReleasePromoted':
      return promote(state, event.warmUntil);
    case 'StandbyExpired':
      return { ...state, standby: state.standby.filter(({ rollout }) => rollout !== event.rollout) };
    case 'StandbyAdopted':
      return adopt(state, event.from);
    case 'StandbyReturned':
      return giveBack(state);
    case 'InstancesRequested':
    case 'InstanceObserved':
    case 'InstanceRetired':
    case 'InstanceDrained':
    case 'InstanceStopped':
      return { ...state, instances: foldInstances(state, event) };
    case 'RoutesRequested':
      return { ...state, routes: { ...state.routes, requested: event.routes } };
    case 'RoutesAcknowledged':
      return { ...state, routes: { ...state.routes, acknowledged: event.version } };
    case 'RoutesLost': {
      const losses = state.routes.losses + 1;
      return { ...state, routes: { ...state.routes, acknowledged: event.version, losses } };
    }
    case 'IncidentOpened': {
      const { incident, rollout, severity, title, at } = event;
      const opened = { id: incident, rollout, severity, title, openedAt: at, acknowledgedBy: null };
      return { ...state, incidents: [...state.incidents, opened] };
    }
    case 'IncidentAcknowledged':
      return {
        ...state,
        incidents: state.incidents.map((one) =>
          one.id === event.incident ? { ...one, acknowledgedBy: event.by } : one,
        ),
      };
    case 'VerificationFailed':
    case 'UnknownRoutesFound':
    case 'Escalated':
      return state;
    case 'IncidentResolved':
      return { ...state, incidents: state.incidents.filter(({ id }) => id !== event.incident) };
    default:
      invariant(state.rollout !== null, `${event.type} without a rollout`);
      return { ...state, rollout: foldRollout(state.rollout, event) };
  }
}

type InstanceEvent = Extract<RolloutEvent, { type: `Instance${string}` }>;

function foldInstances(state: TargetState, event: InstanceEvent): TargetState['instances'] {
  if (event.type === 'InstancesRequested') {
    const added = event.instances.map((id): [string, Instance] => [
      id,
      {
        id,
        rollout: event.rollout,
        status: 'starting',
        address: null,
        reason: null,
        drainDeadlineMs: servingOf(state, event.rollout)?.release.run.drainDeadlineMs ?? 30_000,
        retiredAt: null,
        drained: false,
        restarts: 0,
        lapses: 0,
      },
    ]);
    return { ...state.instances, ...Object.fromEntries(added) };
  }
  const known = state.instances[event.instance];
  invariant(known !== undefined, `${event.type} of an instance that nobody asked for: ${event.instance}`);
  switch (event.type) {
    case 'InstanceObserved': {
      const { status, address, reason } = event;
      const began = status === 'restarting' && known.status !== 'restarting';
      const restarts = known.restarts + (began ? 1 : 0);
      const lapses = known.lapses + (known.status === 'ready' && status !== 'ready' ? 1 : 0);
      return { ...state.instances, [known.id]: { ...known, status, address, reason, restarts, lapses } };
    }
    case 'InstanceRetired':
      return { ...state.instances, [known.id]: { ...known, retiredAt: event.afterVersion } };
    case 'InstanceDrained':
      return { ...state.instances, [known.id]: { ...known, drained: true } };
    case 'InstanceStopped': {
      const { [known.id]: _gone, ...rest } = state.instances;
      return rest;
    }
    default:
      return unreachable(event);
  }
}

/** The warm instances become the rollback's own. */
function adopt(state: TargetState, from: Rollout['rollout']): TargetState {
  const { rollout } = state;
  const warm = state.standby.find((one) => one.rollout === from);
  invariant(rollout?.phase === 'forward' && warm !== undefined, 'only a rollback takes what is warm');
  const instances = instancesOf(state, from).map(({ id }) => id);
  return {
    ...state,
    standby: state.standby.filter((one) => one !== warm),
    rollout: { ...rollout, adopted: { ...warm, instances } },
    instances: relabelled(state.instances, instances, rollout.rollout),
  };
}

function giveBack(state: TargetState): TargetState {
  const { rollout } = state;
  invariant(rollout?.phase === 'back' && rollout.adopted !== null, 'only what was taken is given back');
  const { instances, ...warm } = rollout.adopted;
  return {
    ...state,
    standby: [warm, ...state.standby],
    rollout: { ...rollout, adopted: null },
    instances: relabelled(state.instances, instances, warm.rollout),
  };
}

function relabelled(
  instances: TargetState['instances'],
  ids: readonly Instance['id'][],
  rollout: Rollout['rollout'],
): TargetState['instances'] {
  const changed = ids.flatMap((id) => {
    const known = instances[id];
    return known === undefined ? [] : [[id, { ...known, rollout }] as const];
  });
  return { ...instances, ...Object.fromEntries(changed) };
}

/** The candidate's instances become the stable ones; what was stable stays warm. */
function promote(state: TargetState, warmUntil: number): TargetState {
  const { rollout, stable } = state;
  invariant(rollout !== null && rollout.phase === 'forward', 'only a rollout that goes forward is promoted');
  const standby = stable === null ? state.standby : [{ ...stable, warmUntil }, ...state.standby];
  const { plan } = rollout;
  return { ...state, standby, stable: { rollout: rollout.rollout, release: plan.release, plan } };
}

type GoingEvent = Extract<
  RolloutEvent,
  {
    type:
      | 'RolloutPlanned'
      | 'StepStarted'
      | 'ClockJumped'
      | 'StepCompleted'
      | 'RolloutPaused'
      | 'RolloutResumed'
      | 'ApprovalGiven'
      | 'StepPromotedByHand'
      | 'CommandFinished'
      | 'StepBroken'
      | 'RestorationLate'
      | 'BatchRecorded'
      | 'PersonAsked'
      | 'VerdictReached'
      | 'GoingBackStarted'
      | 'EvidencePreserved'
      | 'ArtifactVerified'
      | 'StableVerified'
      | 'RestorationVerified';
  }
>;

function foldRollout(rollout: Rollout, event: GoingEvent): Rollout {
  if (event.type === 'RolloutPlanned') {
    const { phase: _, ...request } = rollout;
    const evidence = startEvidence(event.plan.analysis);
    const { plan, gates } = event;
    return { ...request, phase: 'forward', ...beginning, evidence, plan, gates };
  }
  invariant(rollout.phase !== 'verifying', `${event.type} before the rollout was planned`);
  switch (event.type) {
    case 'StepStarted':
      return startStep({
        ...rollout,
        ...(rollout.phase === 'back' ? { backSince: rollout.backSince ?? event.at } : {}),
        index: event.index,
        stepStartedAt: event.at,
        started: true,
        outcome: null,
        asked: false,
      });
    case 'ClockJumped':
      return {
        ...rollout,
        stepStartedAt: rollout.stepStartedAt + event.byMs,
        ...(rollout.phase === 'back' &&
          rollout.backSince !== null && { backSince: rollout.backSince + event.byMs }),
      };
    case 'BatchRecorded':
      return { ...rollout, evidence: foldBatch(rollout.evidence, event.batch, rollout.plan.analysis) };
    case 'PersonAsked':
      return { ...rollout, asked: true };
    case 'StepBroken':
      return rollout;
    case 'RestorationLate':
      return rollout.phase === 'back' ? { ...rollout, late: true } : rollout;
    case 'StepCompleted': {
      // An approval opens one step: a later one that names the same role asks anew.
      const approvals = currentStep(rollout)?.type === 'approve' ? [] : rollout.approvals;
      return { ...rollout, index: event.index + 1, started: false, outcome: null, approvals };
    }
    case 'RolloutPaused':
      return { ...rollout, pausedBy: event.by };
    case 'RolloutResumed':
      return { ...rollout, pausedBy: null };
    case 'ApprovalGiven':
      return { ...rollout, approvals: [...rollout.approvals, { role: event.role, by: event.by }] };
    case 'StepPromotedByHand':
      return { ...rollout, outcome: { ok: true, observed: `promoted by ${event.by}: ${event.reason}` } };
    case 'CommandFinished':
      return { ...rollout, outcome: { ok: event.ok, observed: event.output } };
    case 'VerdictReached':
      return { ...rollout, outcome: { ok: event.ok, observed: event.observed } };
    case 'EvidencePreserved':
      return { ...rollout, outcome: { ok: true, observed: event.location } };
    case 'ArtifactVerified':
    case 'StableVerified':
    case 'RestorationVerified':
      return { ...rollout, outcome: { ok: event.holds, observed: event.observed } };
    case 'GoingBackStarted':
      return {
        ...rollout,
        phase: 'back',
        reason: event.reason,
        reached: rollout.started ? rollout.index : rollout.index - 1,
        backSince: null,
        late: false,
        index: 0,
        started: false,
        outcome: null,
        pausedBy: null,
        weight: 0,
      };
    default:
      return unreachable(event);
  }
}

const beginning: Omit<Going, 'plan' | 'gates' | 'evidence'> = {
  asked: false,
  index: 0,
  started: false,
  stepStartedAt: 0,
  pausedBy: null,
  approvals: [],
  outcome: null,
  weight: 0,
  hadTraffic: false,
  maintenance: false,
  adopted: null,
};

/** A step that changes what users meet takes effect on the desired routes the moment it starts. */
function startStep<R extends Exclude<Rollout, { phase: 'verifying' }>>(rollout: R): R {
  const step = currentStep(rollout);
  if (step?.type === 'setWeight') {
    const weight = Math.round((step.weightPercent * fullWeight) / 100);
    return { ...rollout, weight, hadTraffic: rollout.hadTraffic || weight > 0 };
  }
  if (step?.type === 'analyze') return { ...rollout, evidence: askSafetyAnew(rollout.evidence) };
  if (step?.type === 'maintenance') return { ...rollout, maintenance: step.on };
  if (step?.type === 'restore') return { ...rollout, maintenance: false };
  return rollout;
}
