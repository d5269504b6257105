import { currentStep, type TargetState } from '../../src/rollout/state.ts';
import type { ChangeKind } from './script.ts';

/** Where a rollout is, as its state shows it. */
export type Moment =
  | 'verifying'
  | 'starting'
  | 'paused'
  | 'analyzing'
  | 'soaking'
  | 'promoted'
  | 'draining'
  | 'going back'
  | 'superseding'
  | 'rolling back';

/** The moments that a change of each kind is sure to pass; ten in all. */
export const momentsOf: Readonly<Record<ChangeKind, readonly Moment[]>> = {
  promote: ['verifying', 'starting', 'paused', 'analyzing', 'soaking', 'promoted', 'draining'],
  abort: ['going back'],
  supersede: ['superseding'],
  rollback: ['rolling back'],
};

/** Whether the rollout that is asked about is there now. */
export function isAt(moment: Moment, state: TargetState, rollout: string): boolean {
  const running = state.rollout?.rollout === rollout ? state.rollout : null;
  const step = currentStep(running)?.type;
  switch (moment) {
    case 'verifying':
    case 'rolling back':
      return running !== null;
    case 'starting':
      return step === 'start';
    case 'paused':
      return step === 'pause';
    case 'analyzing':
      return step === 'analyze';
    case 'soaking':
      return step === 'soak';
    case 'promoted':
      return state.stable?.rollout === rollout;
    case 'draining':
      return (
        state.stable?.rollout === rollout &&
        Object.values(state.instances).some(({ retiredAt }) => retiredAt !== null)
      );
    case 'going back':
      return running?.phase === 'back';
    case 'superseding':
      return state.queue.some((one) => one.rollout === rollout);
  }
}
