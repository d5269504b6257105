import { unreachable } from '../base/invariant.ts';
import { type Answer, decided, type Of } from './answer.ts';
import { conclude } from './conclude.ts';
import type { RolloutEvent } from './event.ts';
import { evolve } from './evolve.ts';
import type { PlanStep } from './plan.ts';
import { currentStep, type TargetState } from './state.ts';

/** What the controller saw, other than a measurement. */
type Observation = Of<
  | 'RecordInstance'
  | 'RecordDrained'
  | 'RecordStopped'
  | 'RecordRoutes'
  | 'RecordLostRoutes'
  | 'RecordUnknownRoutes'
  | 'RecordCommand'
  | 'RecordPlaced'
  | 'RecordEvidence'
  | 'RecordRestoration'
>;

/** The batch first, then what it means; a batch of a rollout that is over, or going back, says nothing any more. */
export function measurement(state: TargetState, { rollout: id, batch, at }: Of<'RecordBatch'>): Answer {
  const { rollout } = state;
  if (rollout?.rollout !== id || rollout.phase !== 'forward') return decided();
  const events: RolloutEvent[] = batch === null ? [] : [{ type: 'BatchRecorded', batch }];
  return decided(...events, ...conclude(events.reduce(evolve, state), at));
}

/** Observations may come late, twice or of things that are gone: what says nothing new has no events. */
export function observation(state: TargetState, command: Observation): Answer {
  switch (command.type) {
    case 'RecordInstance': {
      const { instance, status, address, reason } = command;
      const known = state.instances[instance];
      if (known === undefined || (known.status === status && known.address === address)) return decided();
      return decided({ type: 'InstanceObserved', instance, status, address, reason });
    }
    case 'RecordDrained': {
      const known = state.instances[command.instance];
      if (known === undefined || known.drained || known.retiredAt === null) return decided();
      return decided({ type: 'InstanceDrained', instance: command.instance, cutOff: command.cutOff });
    }
    case 'RecordStopped':
      return state.instances[command.instance]?.drained
        ? decided({ type: 'InstanceStopped', instance: command.instance })
        : decided();
    case 'RecordRoutes': {
      const requested = state.routes.requested?.version ?? 0;
      const { acknowledged, losses } = state.routes;
      const present = (command.losses ?? losses) === losses;
      const news = present && command.version > acknowledged && command.version <= requested;
      return news ? decided({ type: 'RoutesAcknowledged', version: command.version }) : decided();
    }
    case 'RecordLostRoutes':
      return command.version < state.routes.acknowledged
        ? decided({ type: 'RoutesLost', version: command.version })
        : decided();
    case 'RecordUnknownRoutes':
      return overtakeRoutes(state, command.version);
    default:
      return stepObservation(state, command);
  }
}

export function clockJump({ rollout }: TargetState, byMs: number): Answer {
  if (rollout === null || rollout.phase === 'verifying' || !rollout.started || byMs <= 0) return decided();
  return decided({ type: 'ClockJumped', byMs });
}

/** What the journal wants is asked for once more, under a version above the one that it does not know. */
function overtakeRoutes({ routes: { requested } }: TargetState, version: number): Answer {
  if (requested === null || version <= requested.version) return decided();
  return decided(
    { type: 'UnknownRoutesFound', version },
    { type: 'RoutesRequested', routes: { ...requested, version: version + 1 } },
  );
}

function stepObservation(
  state: TargetState,
  command: Of<'RecordCommand' | 'RecordPlaced' | 'RecordEvidence' | 'RecordRestoration'>,
): Answer {
  const { rollout } = state;
  const step = currentStep(rollout);
  if (rollout === null || rollout.phase === 'verifying' || step === null || rollout.outcome !== null)
    return decided();
  switch (command.type) {
    case 'RecordCommand': {
      const { index, ok, output, durationMs } = command;
      const present =
        rollout.rollout === command.rollout && rollout.phase === command.phase && rollout.index === index;
      return present && step.type === 'command'
        ? decided({ type: 'CommandFinished', index, ok, output, durationMs })
        : decided();
    }
    case 'RecordPlaced': {
      const { holds, observed } = command;
      return step.type === 'place' && rollout.rollout === command.rollout
        ? decided({ type: 'ArtifactVerified', holds, observed })
        : decided();
    }
    case 'RecordEvidence':
      return step.type === 'preserve'
        ? decided({ type: 'EvidencePreserved', location: command.location })
        : decided();
    case 'RecordRestoration':
      return answeredStable(step, command);
    default:
      return unreachable(command);
  }
}

function answeredStable(step: PlanStep, { holds, observed }: Of<'RecordRestoration'>): Answer {
  if (step.type === 'verify-stable') return decided({ type: 'StableVerified', holds, observed });
  return step.type === 'verify-restored'
    ? decided({ type: 'RestorationVerified', holds, observed })
    : decided();
}
