import type { CommandSpec } from '../base/command-spec.ts';
import type { InstanceId, RolloutId } from '../base/ids.ts';
import type { Release } from '../base/release.ts';
import type { Routes } from '../base/route-table.ts';
import type { CommandRole, RolloutPlan } from './plan.ts';
import { currentStep, servingOf, type TargetState } from './state.ts';

/** Something that the world still has to do. The same state gives the same ids: an adapter that knows the id does it once. */
export type PendingAction = { readonly id: string } & (
  | { readonly type: 'verify'; readonly rollout: RolloutId }
  | { readonly type: 'ensure-instance'; readonly instance: InstanceId; readonly release: Release }
  | { readonly type: 'apply-routes'; readonly routes: Routes }
  | { readonly type: 'drain-instance'; readonly instance: InstanceId; readonly deadlineMs: number }
  | { readonly type: 'stop-instance'; readonly instance: InstanceId; readonly deadlineMs: number }
  | {
      readonly type: 'run-command';
      readonly rollout: RolloutId;
      readonly phase: 'forward' | 'back';
      readonly index: number;
      readonly role: CommandRole;
      readonly command: CommandSpec;
      /** The one whose files and instances the command is about. */
      readonly release: Release;
    }
  /** Lasts: measures again and again while it is pending. */
  | { readonly type: 'judge'; readonly rollout: RolloutId }
  | { readonly type: 'verify-artifact'; readonly rollout: RolloutId; readonly release: Release }
  | { readonly type: 'preserve-evidence'; readonly rollout: RolloutId }
  | {
      readonly type: 'verify-stable';
      readonly rollout: RolloutId;
      readonly deadlineMs: number;
      /** With fewer than 20 requests it looks for at least so long, ms: until a probe that fails is known to fail. */
      readonly quietMs: number;
    }
  | { readonly type: 'tick'; readonly at: number }
);

/** Derived from the state and never remembered beside it: after a crash the same actions are pending again. */
export function pendingActions(state: TargetState): readonly PendingAction[] {
  return [
    ...routeActions(state),
    ...instanceActions(state),
    ...stepActions(state),
    ...judgeActions(state),
    ...timers(state),
  ];
}

function routeActions({
  routes: { requested, acknowledged, losses },
}: TargetState): readonly PendingAction[] {
  if (requested === null || acknowledged >= requested.version) return [];
  // After a loss it is another action: an answer that is still on its way tells of a router that is gone.
  const id = losses === 0 ? `routes-${requested.version}` : `routes-${requested.version}-again-${losses}`;
  return [{ id, type: 'apply-routes', routes: requested }];
}

function instanceActions(state: TargetState): readonly PendingAction[] {
  return Object.values(state.instances).flatMap((instance): PendingAction[] => {
    const { id, retiredAt, drained, drainDeadlineMs: deadlineMs } = instance;
    if (drained) return [{ id: `stop-${id}`, type: 'stop-instance', instance: id, deadlineMs }];
    if (retiredAt === null) {
      const serving = servingOf(state, instance.rollout);
      return serving === null || instance.status !== 'starting'
        ? []
        : [{ id: `ensure-${id}`, type: 'ensure-instance', instance: id, release: serving.release }];
    }
    // Law 4: nothing is drained before a table without it is in force.
    if (state.routes.acknowledged < retiredAt) return [];
    return [{ id: `drain-${id}`, type: 'drain-instance', instance: id, deadlineMs }];
  });
}

function stepActions({ rollout, stable }: TargetState): readonly PendingAction[] {
  if (rollout === null) return [];
  const { rollout: id } = rollout;
  if (rollout.phase === 'verifying') return [{ id: `verify-${id}`, type: 'verify', rollout: id }];
  const step = currentStep(rollout);
  if (step === null || !rollout.started || rollout.outcome !== null) return [];
  const { index, phase } = rollout;
  switch (step.type) {
    case 'command':
      return [
        {
          id: `command-${id}-${phase}-${index}`,
          type: 'run-command',
          rollout: id,
          phase,
          index,
          role: step.role,
          command: step.command,
          release: (isOfStable(step.role, rollout.plan) ? stable?.release : null) ?? rollout.plan.release,
        },
      ];
    case 'place': {
      const release = (step.release === 'stable' ? stable?.release : null) ?? rollout.plan.release;
      return [{ id: `place-${id}-${phase}-${index}`, type: 'verify-artifact', rollout: id, release }];
    }
    case 'preserve':
      return [{ id: `preserve-${id}`, type: 'preserve-evidence', rollout: id }];
    case 'verify-stable':
    case 'verify-restored': {
      const { intervalMs, timeoutMs, failures } = rollout.plan.routing.probe;
      // Going back has shifted traffic already; after a migration stable must show that it still works.
      const quietMs = step.type === 'verify-restored' ? 1_000 : failures * intervalMs + timeoutMs;
      const { deadlineMs } = step;
      return [
        {
          id: `${step.type}-${id}-${phase}-${index}`,
          type: 'verify-stable',
          rollout: id,
          deadlineMs,
          quietMs,
        },
      ];
    }
    default:
      return [];
  }
}

/** A rollback undoes the migration of the release that it leaves, with that release's own files. */
function isOfStable(role: CommandRole, { kind }: RolloutPlan): boolean {
  if (role === 'smoke-stable') return true;
  return kind === 'rollback' && (role === 'migrate-down' || role === 'migrate-up');
}

/** From the candidate's start until it is stable or goes back: before it has traffic, stable teaches what is normal. */
function judgeActions({ rollout, stable, instances }: TargetState): readonly PendingAction[] {
  if (rollout?.phase !== 'forward' || stable?.rollout === rollout.rollout) return [];
  const started = Object.values(instances).some((instance) => instance.rollout === rollout.rollout);
  return started ? [{ id: `judge-${rollout.rollout}`, type: 'judge', rollout: rollout.rollout }] : [];
}

function timers({ rollout, stable, standby }: TargetState): readonly PendingAction[] {
  const times = standby.map(({ warmUntil }) => warmUntil);
  const step = currentStep(rollout);
  if (rollout !== null && rollout.phase !== 'verifying' && rollout.started) {
    if (step?.type === 'soak') times.push(rollout.stepStartedAt + step.durationMs);
    if (step?.type === 'pause' && step.durationMs !== null)
      times.push(rollout.stepStartedAt + step.durationMs);
    if (step?.type === 'promote' && stable?.rollout !== rollout.rollout)
      times.push(rollout.stepStartedAt + rollout.plan.release.run.startDeadlineMs);
  }
  if (rollout?.phase === 'back' && rollout.hadTraffic && !rollout.late && rollout.backSince !== null) {
    times.push(rollout.backSince + rollout.plan.restoreWithinMs);
  }
  return times.length === 0
    ? []
    : [{ id: `tick-${Math.min(...times)}`, type: 'tick', at: Math.min(...times) }];
}
