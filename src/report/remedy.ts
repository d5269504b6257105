import { blockingGates } from '../rollout/gate.ts';
import type { RolloutStory } from './rollout-story.ts';

/** What to do about a rollout that did not succeed, in one or two sentences; null where nothing is amiss. */
export function remedyOf({ ending, reason, gates, events }: RolloutStory): string | null {
  if (ending === 'refused') {
    return (
      blockingGates(gates)
        .map(({ remedy }) => remedy)
        .filter((remedy) => remedy !== '')
        .join(' ') || null
    );
  }
  if (ending !== 'failed' && ending !== 'rolled-back') return null;
  const kept = events.findLast((event) => event.type === 'EvidencePreserved');
  const look =
    kept === undefined || reason?.code === 'listen-failed'
      ? '`sluice report` tells how it came to that.'
      : `What its instances printed is kept in ${kept.location}; \`sluice report\` tells the rest.`;
  const next =
    'The next deployment waits for the incident to be resolved, or brings the unit that fixes it: `sluice incident`.';
  return ending === 'rolled-back' ? `${look} ${next}` : look;
}
