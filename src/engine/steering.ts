import { SluiceError } from '../base/sluice-error.ts';
import type { ProjectConfig } from '../config/config.ts';
import type { Permission } from '../policy/policy.ts';
import type { Said } from '../rollout/command.ts';
import { currentStep, type TargetState } from '../rollout/state.ts';
import type { Done, EngineApi, Steering as Where } from './api.ts';
import type { Asking, Params } from './asking.ts';
import { hasRole, permit } from './entitlement.ts';
import { tellLoop } from './tell-loop.ts';
import { configOf } from './verify-rollout.ts';

/** A person's word on the rollout that has the floor. */
export class Steering implements Pick<EngineApi, 'approve' | 'pause' | 'resume' | 'promote' | 'abort'> {
  readonly #asking: Asking;

  constructor(asking: Asking) {
    this.#asking = asking;
  }

  async approve(params: Params<'approve'>): Promise<Done> {
    const { parts, loops, user } = this.#asking;
    const loop = await loops.asked(params);
    const config = await parts.config();
    permit(config, user, 'approve');
    const { state } = loop;
    const role = roleOf(user, config, state, params.role);
    if (configOf(config, state.target).environment.policy.approverMustDiffer && state.rollout?.by === user) {
      throw new SluiceError({
        code: 'approver-is-requester',
        message: `${user} asked for this rollout and cannot approve it.`,
        remedy: 'Ask somebody else who has the role.',
      });
    }
    const said = { type: 'Approve', role, comment: params.reason ?? '' } as const;
    await tellLoop(loop, said, { clock: parts.clock, by: user });
    return { done: true };
  }

  pause(params: Where): Promise<Done> {
    return this.#steer(params, 'promote', { type: 'Pause' });
  }

  resume(params: Where): Promise<Done> {
    return this.#steer(params, 'promote', { type: 'Resume' });
  }

  promote(params: Where): Promise<Done> {
    const reason = params.reason ?? 'promoted by hand';
    return this.#steer(params, 'promote', { type: 'Promote', reason });
  }

  abort(params: Where): Promise<Done> {
    const reason = params.reason ?? 'aborted by hand';
    return this.#steer(params, 'abort', { type: 'Abort', reason });
  }

  async #steer(where: Where, permission: Permission, said: Said): Promise<Done> {
    const { parts, loops, user } = this.#asking;
    const loop = await loops.asked(where);
    permit(await parts.config(), user, permission);
    await tellLoop(loop, said, { clock: parts.clock, by: user });
    return { done: true };
  }
}

/** The one that was named, else the first of those that must approve which the user has. Throws `not-entitled`. */
function roleOf(
  user: string,
  config: ProjectConfig,
  { target, rollout }: TargetState,
  named: string | undefined,
): string {
  const step = currentStep(rollout);
  const wanted =
    step?.type === 'approve' ? step.roles : configOf(config, target).environment.policy.approvals;
  const role = named ?? wanted.find((name) => hasRole(config, user, name));
  if (role !== undefined && hasRole(config, user, role)) return role;
  throw new SluiceError({
    code: 'not-entitled',
    message: `${user} has none of the roles that must approve: ${wanted.join(', ') || 'none is asked for'}.`,
    remedy: 'Give the role to the user under `roles:` in sluice.yml, or ask somebody who has it.',
  });
}
