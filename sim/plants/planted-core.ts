import type { ControllerParts } from '../../src/engine/controller-parts.ts';
import { type Core, rolloutCore } from '../../src/engine/core.ts';
import type { Journal, JournalEvent } from '../../src/journal/journal.ts';
import type { RolloutCommand } from '../../src/rollout/command.ts';
import type { RolloutEvent } from '../../src/rollout/event.ts';
import type { Cursor } from '../../src/rollout/evidence.ts';
import type { PendingAction } from '../../src/rollout/pending-actions.ts';
import type { RolloutPlan } from '../../src/rollout/plan.ts';
import type { TargetState } from '../../src/rollout/state.ts';

export function withCore(parts: ControllerParts, change: (core: Core) => Partial<Core>): ControllerParts {
  const core = parts.core ?? rolloutCore;
  return { ...parts, core: { ...core, ...change(core) } };
}

/** Commands that mean something else than they say. */
export function withCommands(
  parts: ControllerParts,
  change: (command: RolloutCommand, state: TargetState) => RolloutCommand,
): ControllerParts {
  return withCore(parts, ({ decide }) => ({
    decide: (state, command) => decide(state, change(command, state)),
  }));
}

/** Plans that differ from what their strategy asks for. */
export function withPlans(
  parts: ControllerParts,
  change: (plan: RolloutPlan) => RolloutPlan,
): ControllerParts {
  return withCommands(parts, (command) =>
    command.type === 'RecordVerification' && command.plan !== null
      ? { ...command, plan: change(command.plan) }
      : command,
  );
}

/** Events that differ from what was decided; none, or more than one, for each. */
export function withEvents(
  parts: ControllerParts,
  change: (event: RolloutEvent, command: RolloutCommand, before: TargetState) => readonly RolloutEvent[],
): ControllerParts {
  return withCore(parts, ({ decide }) => ({
    decide(state, command) {
      const decision = decide(state, command);
      if (decision.kind === 'refused') return decision;
      return { kind: 'decided', events: decision.events.flatMap((event) => change(event, command, state)) };
    },
  }));
}

/** A state that follows from an event in a wrong way. */
export function withStates(
  parts: ControllerParts,
  change: (state: TargetState, event: RolloutEvent, before: TargetState) => TargetState,
): ControllerParts {
  return withCore(parts, ({ evolve }) => ({
    evolve: (before, event) => change(evolve(before, event), event, before),
  }));
}

export function withActions(
  parts: ControllerParts,
  change: (actions: readonly PendingAction[], state: TargetState) => readonly PendingAction[],
): ControllerParts {
  return withCore(parts, ({ pendingActions }) => ({
    pendingActions: (state) => change(pendingActions(state), state),
  }));
}

export function withJournal(parts: ControllerParts, change: Partial<Journal>): ControllerParts {
  const journal = new Proxy(parts.journal, {
    get: (target, key) => Reflect.get(change, key) ?? Reflect.get(target, key),
  });
  return { ...parts, journal };
}

/**
 * A state that is wrong when the journal was read and ended in an append with an event of this type: what that append's
 * caller would have done next was never done. It shows only where the controller died between the append and its reply.
 */
export function afterUnansweredAppend(
  parts: ControllerParts,
  type: RolloutEvent['type'],
  change: (state: TargetState) => TargetState,
): ControllerParts {
  const read: Journal['read'] = async (stream, options) => {
    const events = await parts.journal.read(stream, options);
    const last = events.at(-1);
    const planted = options?.limit !== 1 && lastAppend(events).some((event) => event.type === type);
    if (last === undefined || !planted) return events;
    return [...events.slice(0, -1), { ...last, data: { ...(last.data as object), [unanswered]: true } }];
  };
  return withStates(withJournal(parts, { read }), (state, event) =>
    unanswered in event ? change(state) : state,
  );
}

/** A batch whose append was not answered leaves the cursor of the evidence as `forget` says. */
export function afterUnansweredBatch(
  parts: ControllerParts,
  forget: (cursor: Cursor) => Cursor,
): ControllerParts {
  return afterUnansweredAppend(parts, 'BatchRecorded', (state) => {
    const { rollout } = state;
    if (rollout === null || rollout.phase === 'verifying' || rollout.evidence.cursor === null) return state;
    const cursor = forget(rollout.evidence.cursor);
    return { ...state, rollout: { ...rollout, evidence: { ...rollout.evidence, cursor } } };
  });
}

/** Marks the last event of a journal whose last append was not answered. */
const unanswered = Symbol('unanswered');

/** Events of one append have one time, that of its command. */
function lastAppend(events: readonly JournalEvent[]): readonly JournalEvent[] {
  const at = events.at(-1)?.at;
  return events.slice(events.findLastIndex((event) => event.at !== at) + 1);
}
