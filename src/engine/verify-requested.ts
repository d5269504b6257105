import type { RolloutId, Target, UnitId } from '../base/ids.ts';
import type { Serving, TargetState } from '../rollout/state.ts';
import type { Waivers } from '../rollout/waivers.ts';
import type { ControllerParts } from './controller-parts.ts';
import { readStories } from './read-stories.ts';
import { promotedReleases } from './restorable-releases.ts';
import { verifyRollback } from './verify-rollback.ts';
import { type Verification, verifyDeployment } from './verify-rollout.ts';

/** Gates and plan of the rollout that has the floor, whether it goes on or back to an earlier release. */
export async function verifyRequested(parts: ControllerParts, state: TargetState): Promise<Verification> {
  const { rollout } = state;
  if (rollout === null) return { gates: [], plan: null };
  if (rollout.backTo !== undefined) {
    const kept = await promoted(parts, state.target);
    return verifyRollback(parts, state, { rollout: rollout.rollout, backTo: rollout.backTo, kept });
  }
  if (rollout.unit === null) return { gates: [], plan: null };
  const { unit, waivers = {} } = rollout;
  return verifyUnit(parts, state, { rollout: rollout.rollout, unit, waivers });
}

/** Gates and plan of a deployment that was asked for, or might be. */
export function verifyUnit(
  parts: ControllerParts,
  state: TargetState,
  asked: { readonly rollout: RolloutId; readonly unit: UnitId; readonly waivers: Waivers },
): Promise<Verification> {
  const stories = (target: Target) => readStories(parts.journal, target);
  return verifyDeployment(parts, state, { ...asked, stories });
}

/** Every release that was stable once: those whose artifact is gone still tell what became of the schema. */
export async function promoted({ journal }: ControllerParts, target: Target): Promise<readonly Serving[]> {
  return promotedReleases(await readStories(journal, target));
}
