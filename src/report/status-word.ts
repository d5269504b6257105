import type { Ending } from '../rollout/ending.ts';
import type { RolloutStory } from './rollout-story.ts';

/** `running` stands in no file: a report is written when the rollout ended. */
export type StatusWord = 'success' | 'failed' | 'rolled_back' | 'running';

/** The words of the report's `status`. */
export function statusWord(story: Pick<RolloutStory, 'ending' | 'events'>): StatusWord {
  if (story.ending === null) return 'running';
  const hadTraffic = story.events.some((event) => event.type === 'GoingBackStarted' && event.hadTraffic);
  const words: Record<Ending, StatusWord> = {
    succeeded: 'success',
    'rolled-back': 'rolled_back',
    aborted: hadTraffic ? 'rolled_back' : 'failed',
    failed: 'failed',
    refused: 'failed',
  };
  return words[story.ending];
}
