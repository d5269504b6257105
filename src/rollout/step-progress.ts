import { hasEnded } from '../base/instance-status.ts';
import { unreachable } from '../base/invariant.ts';
import type { PlanStep } from './plan.ts';
import { type Going, instancesOf, type Rollout, type TargetState } from './state.ts';

/** A rollout that has a plan. */
export type Running = Exclude<Rollout, { phase: 'verifying' }>;

/** How far a step is that was started. */
export type Progress =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'done'; readonly how: string }
  | { readonly kind: 'broken'; readonly code: string; readonly message: string };

/** Of what the step waits for, how much is there. */
export function progressOf(state: TargetState, rollout: Running, step: PlanStep, at: number): Progress {
  switch (step.type) {
    case 'start':
      return ready(state, rollout.rollout, step.replicas);
    case 'restart-stable':
      return state.stable === null ? done('there is no stable release') : restarted(state, state.stable);
    case 'setWeight':
    case 'maintenance':
    case 'restore':
      return acknowledged(state) ? done(`routes ${state.routes.acknowledged} are in force`) : waiting;
    case 'retire':
      return instancesOf(
        state,
        step.arm === 'candidate' ? rollout.rollout : (state.stable?.rollout ?? rollout.rollout),
      ).length === 0
        ? done('all instances are gone')
        : waiting;
    case 'pause':
      return step.durationMs === null ? byOutcome(rollout, step) : elapsed(rollout, step.durationMs, at);
    case 'soak':
      return elapsed(rollout, step.durationMs, at);
    case 'approve':
      return approved(rollout, step.roles);
    case 'promote':
      return promoted(state, rollout, at);
    case 'command':
    case 'mirror':
    case 'analyze':
    case 'place':
    case 'preserve':
    case 'verify-stable':
    case 'verify-restored':
      return byOutcome(rollout, step);
    default:
      return unreachable(step);
  }
}

/** A stable release that cannot be started any more does not hold up what else going back does. */
function restarted(state: TargetState, { rollout, plan }: NonNullable<TargetState['stable']>): Progress {
  const lost = instancesOf(state, rollout).find(
    ({ status, retiredAt }) => retiredAt === null && hasEnded(status),
  );
  if (lost === undefined) return ready(state, rollout, plan.replicas);
  return {
    kind: 'broken',
    code: 'restart-stable-failed',
    message: `${lost.id}: ${lost.reason ?? lost.status}`,
  };
}

/** Law 3: what is promoted serves already. Instances that died a moment ago come back first, or the rollout goes back. */
function promoted(state: TargetState, rollout: Running, at: number): Progress {
  const { version, run } = rollout.plan.release;
  if (state.stable?.rollout === rollout.rollout)
    return acknowledged(state) ? done(`${version} is stable`) : waiting;
  if (serves(state, rollout) || at - rollout.stepStartedAt < run.startDeadlineMs) return waiting;
  const message = `not all instances of ${version} are ready ${run.startDeadlineMs} ms after the last step`;
  return { kind: 'broken', code: 'candidate-not-ready', message };
}

/** What is to be promoted has every instance ready, under a table that is in force. */
export function serves(state: TargetState, { rollout, plan }: Running): boolean {
  return acknowledged(state) && ready(state, rollout, plan.replicas).kind === 'done';
}

const waiting: Progress = { kind: 'waiting' };

function done(how: string): Progress {
  return { kind: 'done', how };
}

function ready(state: TargetState, rollout: Rollout['rollout'], replicas: number): Progress {
  const count = instancesOf(state, rollout).filter(
    ({ status, retiredAt }) => status === 'ready' && retiredAt === null,
  ).length;
  return count >= replicas ? done(`${count} of ${replicas} ready`) : waiting;
}

function acknowledged({ routes: { requested, acknowledged: version } }: TargetState): boolean {
  return requested === null || version >= requested.version;
}

function elapsed(rollout: Going, durationMs: number, at: number): Progress {
  if (rollout.outcome?.ok) return done(rollout.outcome.observed);
  return at - rollout.stepStartedAt >= durationMs ? done('the time is over') : waiting;
}

function approved(rollout: Going, roles: readonly string[]): Progress {
  const given = new Set(rollout.approvals.map(({ role }) => role));
  return roles.every((role) => given.has(role)) ? done(`approved by ${[...given].join(', ')}`) : waiting;
}

function byOutcome(rollout: Going, step: PlanStep): Progress {
  if (rollout.outcome === null) return waiting;
  const { ok, observed } = rollout.outcome;
  if (ok) return done(observed);
  const what = step.type === 'command' ? step.role : step.type;
  return { kind: 'broken', code: `${what}-failed`, message: observed };
}
