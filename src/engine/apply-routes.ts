import { isErrorFacts } from '../base/sluice-error.ts';
import type { RolloutCommand } from '../rollout/command.ts';
import type { PendingAction } from '../rollout/pending-actions.ts';
import type { TargetState } from '../rollout/state.ts';
import type { ControllerParts } from './controller-parts.ts';

/**
 * Hands the router the table that is pending. An address that it cannot listen on ends the rollout that asked for it; on
 * the way back from a first release there is nothing to put in its place, so the target is taken off the router.
 */
export async function applyRoutes(
  { traffic, clock }: ControllerParts,
  { routes }: Extract<PendingAction, { type: 'apply-routes' }>,
  context: {
    readonly fence: number;
    readonly state: () => TargetState;
    readonly tell: (command: RolloutCommand) => Promise<unknown>;
  },
): Promise<readonly RolloutCommand[]> {
  const base = { at: clock.now(), by: 'controller' } as const;
  // As they are when it is sent: an answer that comes after the router lost everything tells of nothing in force.
  const { losses } = context.state().routes;
  try {
    const { version } = await traffic.apply({ ...routes, fence: context.fence });
    return [{ ...base, type: 'RecordRoutes', version, losses }];
  } catch (error) {
    if (!isErrorFacts(error) || error.code !== 'listen-failed') throw error;
    const { rollout, stable } = context.state();
    if (rollout?.phase === 'forward' && stable?.rollout !== rollout.rollout) {
      const { code, message, remedy } = error;
      await context.tell({ ...base, type: 'TakeBack', code, message: `${message} ${remedy}` });
    } else if (stable === null) {
      await traffic.remove(routes.target);
      return [{ ...base, type: 'RecordRoutes', version: routes.version, losses }];
    }
    // What is pending now is another table, or the same one for another reason: it is tried again.
    throw error;
  }
}
