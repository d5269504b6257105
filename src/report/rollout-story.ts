import type { RolloutId, Target, UnitId } from '../base/ids.ts';
import type { Release } from '../base/release.ts';
import type { Ending, Reason } from '../rollout/ending.ts';
import type { RolloutEvent } from '../rollout/event.ts';
import type { GateResult } from '../rollout/gate.ts';
import type { Paperwork } from '../rollout/paperwork.ts';
import type { RolloutPlan } from '../rollout/plan.ts';
import type { Waivers } from '../rollout/waivers.ts';

/** An event of a target's stream with when it was decided and by whom. */
export type ToldEvent = RolloutEvent & {
  readonly when: number;
  readonly actor: string;
  /** Its place in the whole journal. */
  readonly sequence: number;
};

/** One rollout from request to end, as its events tell it. */
export interface RolloutStory {
  readonly target: Target;
  readonly rollout: RolloutId;
  readonly unit: UnitId | null;
  readonly by: string;
  readonly startedAt: number;
  readonly endedAt: number | null;
  /** Null in journals from before it was recorded. */
  readonly paperwork: Paperwork | null;
  readonly plan: RolloutPlan | null;
  /** What was to be deployed; null where not even that was known. */
  readonly release: Release | null;
  readonly gates: readonly GateResult[];
  readonly ending: Ending | null;
  readonly reason: Reason | null;
  /** For a rollback: the rollout that brought the release in before. */
  readonly before: RolloutStory | null;
  readonly isRollback: boolean;
  readonly waivers: Waivers;
  readonly events: readonly ToldEvent[];
}

/** Splits a stream into its rollouts, in order. A target has one rollout at a time, so what lies between belongs to it. */
export function storiesOf(target: Target, events: readonly ToldEvent[]): readonly RolloutStory[] {
  const stories: RolloutStory[] = [];
  for (const [index, event] of events.entries()) {
    if (event.type === 'RolloutRequested') {
      stories.push(begun(target, event, stories));
      continue;
    }
    const last = stories.at(-1);
    if (last === undefined || (last.endedAt !== null && !isTail(event, events[index - 1]))) continue;
    stories[stories.length - 1] = { ...last, ...facts(event), events: [...last.events, event] };
  }
  return stories;
}

/** The end itself can call a person: that is written with it, and belongs to the rollout. */
function isTail(event: ToldEvent, before: ToldEvent | undefined): boolean {
  return event.type === 'Escalated' && before?.type === 'RolloutEnded';
}

function begun(
  target: Target,
  event: Extract<ToldEvent, { type: 'RolloutRequested' }>,
  earlier: readonly RolloutStory[],
): RolloutStory {
  const { rollout, unit, by, when, backTo } = event;
  return {
    target,
    rollout,
    unit,
    by,
    startedAt: when,
    endedAt: null,
    paperwork: event.paperwork ?? null,
    plan: null,
    release: null,
    gates: [],
    ending: null,
    reason: null,
    before: earlier.find((one) => one.rollout === backTo) ?? null,
    isRollback: backTo !== undefined,
    waivers: event.waivers ?? {},
    events: [event],
  };
}

function facts(event: ToldEvent): Partial<RolloutStory> {
  switch (event.type) {
    case 'RolloutPlanned':
      return { plan: event.plan, release: event.plan.release, gates: event.gates };
    case 'VerificationFailed':
      return { gates: event.gates, release: event.release ?? null };
    case 'GoingBackStarted':
      return { reason: event.reason };
    case 'RolloutEnded':
      return { ending: event.ending, reason: event.reason, endedAt: event.at };
    default:
      return {};
  }
}
