import type { Instance, TargetState } from '../../src/rollout/state.ts';

/** An instance of the rollout that has the floor and is not stable. */
export function isCandidateOf({ rollout, stable }: TargetState, instance: Instance): boolean {
  return instance.rollout === rollout?.rollout && instance.rollout !== stable?.rollout;
}

export function isStableOf({ stable }: TargetState, instance: Instance): boolean {
  return instance.rollout === stable?.rollout;
}
