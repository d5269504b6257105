import type { Clock } from '../base/clock.ts';
import { type Target, targetId } from '../base/ids.ts';
import type { Journal, Lease } from '../journal/journal.ts';
import type { RolloutCommand } from '../rollout/command.ts';
import type { RolloutEvent } from '../rollout/event.ts';
import type { PendingAction } from '../rollout/pending-actions.ts';
import { emptyTarget, type TargetState } from '../rollout/state.ts';
import { type Core, rolloutCore } from './core.ts';
import { StreamFold } from './fold-stream.ts';
import { type Memory, type PerformAction, type Rules, StreamLoop } from './stream-loop.ts';
import { TargetSnapshot } from './target-snapshot.ts';

export type Perform = PerformAction<TargetState, RolloutCommand, PendingAction>;

export interface TargetLoopOptions {
  readonly target: Target;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly perform: Perform;
  /** The lease under which this controller writes. */
  readonly lease: Pick<Lease, 'name' | 'fence'>;
  /** Default: the rules of `src/rollout`. */
  readonly core?: Core;
  /** Told of each failed attempt of an action; it is tried again with backoff. */
  readonly onFailure?: (action: PendingAction, error: unknown) => void;
}

/** The loop of one target: the rules of rollouts on the stream `target/…`. */
export class TargetLoop extends StreamLoop<TargetState, RolloutCommand, RolloutEvent, PendingAction> {
  constructor({ target, core = rolloutCore, ...options }: TargetLoopOptions) {
    const stream = `target/${targetId(target)}`;
    super({ ...options, stream, rules: rulesOf(core), memory: memoryOf(target, core, options.journal) });
  }
}

function rulesOf(core: Core): Rules<TargetState, RolloutCommand, RolloutEvent, PendingAction> {
  return {
    ...core,
    dueAt: (action) => (action.type === 'tick' ? action.at : null),
    tick: (at) => ({ type: 'Tick', at, by: 'controller' }),
    clockJump: (byMs, at) => ({ type: 'RecordClockJump', byMs, at, by: 'controller' }),
  };
}

function memoryOf(target: Target, { evolve }: Core, journal: Journal): Memory<TargetState> {
  const snapshot = new TargetSnapshot(journal, `target/${targetId(target)}`);
  return {
    empty: emptyTarget(target),
    load: () => snapshot.load(target),
    fold: (state) => new StreamFold(state, evolve),
    offer: (state, hash) => snapshot.offer(state, hash),
  };
}
