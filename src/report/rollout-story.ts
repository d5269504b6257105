import type { RolloutId, UnitId } from '../base/ids.ts';
import type { Ending, Reason } from '../rollout/ending.ts';
import type { RolloutEvent } from '../rollout/event.ts';
import type { GateResult } from '../rollout/gate.ts';
import type { RolloutPlan } from '../rollout/plan.ts';

/** An event of a target's stream with when it was decided and by whom. */
export type ToldEvent = RolloutEvent & { readonly when: number; readonly actor: string };

/** One rollout from request to end, as its events tell it. */
export interface RolloutStory {
  readonly rollout: RolloutId;
  readonly unit: UnitId | null;
  readonly by: string;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly plan: RolloutPlan | null;
  readonly gates: readonly GateResult[];
  readonly ending: Ending | null;
  readonly reason: Reason | null;
  readonly events: readonly ToldEvent[];
}

/** Splits a stream into its rollouts, in order. A target has one rollout at a time, so what lies between belongs to it. */
export function storiesOf(events: readonly ToldEvent[]): readonly RolloutStory[] {
  const stories: RolloutStory[] = [];
  for (const event of events) {
    if (event.type === 'RolloutRequested') {
      stories.push(begun(event));
      continue;
    }
    const last = stories.at(-1);
    if (last === undefined || last.endedAt !== null) continue;
    stories[stories.length - 1] = { ...last, ...facts(event), events: [...last.events, event] };
  }
  return stories;
}

function begun(event: Extract<ToldEvent, { type: 'RolloutRequested' }>): RolloutStory {
  const { rollout, unit, by, when } = event;
  return {
    rollout,
    unit,
    by,
    startedAt: when,
    endedAt: null,
    plan: null,
    gates: [],
    ending: null,
    reason: null,
    events: [event],
  };
}

function facts(event: ToldEvent): Partial<RolloutStory> {
  switch (event.type) {
    case 'RolloutPlanned':
      return { plan: event.plan, gates: event.gates };
    case 'GoingBackStarted':
      return { reason: event.reason };
    case 'RolloutEnded':
      return { ending: event.ending, reason: event.reason, endedAt: event.at };
    default:
      return {};
  }
}
