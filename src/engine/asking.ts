import type { RolloutId, Target } from '../base/ids.ts';
import type { Paperwork } from '../rollout/paperwork.ts';
import type { EngineApi } from './api.ts';
import type { ControllerParts } from './controller-parts.ts';
import { paperworkOf } from './paperwork.ts';
import type { TargetLoops } from './target-loops.ts';
import { configOf } from './verify-rollout.ts';

/** Who asks, and what the answer is made from. */
export interface Asking {
  readonly parts: ControllerParts;
  readonly loops: TargetLoops;
  readonly newRollout: () => RolloutId;
  readonly user: string;
}

export type Params<M extends keyof EngineApi> = Parameters<EngineApi[M]>[0];

/** What the documents of a rollout that is asked for now will tell of the configuration. */
export async function paperworkFor({ config, clock }: ControllerParts, target: Target): Promise<Paperwork> {
  const now = await config();
  return paperworkOf(now, configOf(now, target).environment, clock.now());
}
