import { type Target, targetId } from '../base/ids.ts';
import type { Journal, JournalEvent } from '../journal/journal.ts';
import { type RolloutStory, storiesOf, type ToldEvent } from '../report/rollout-story.ts';

/** The rollouts of a target from the journal, in order, running ones too. `limit`: events of its stream; default all. */
export async function readStories(
  journal: Journal,
  target: Target,
  options: { readonly limit?: number } = {},
): Promise<readonly RolloutStory[]> {
  return storiesOf(target, (await journal.read(`target/${targetId(target)}`, options)).map(toldOf));
}

/** An event of a target's stream as the documents tell it. */
export function toldOf({ type, data, at, actor, sequence }: JournalEvent): ToldEvent {
  return { ...(data as object), type, when: at, actor, sequence } as ToldEvent;
}
