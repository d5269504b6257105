import { type Target, type TargetId, targetId } from '../base/ids.ts';
import type { Journal, JournalEvent } from '../journal/journal.ts';
import { type RolloutStory, storiesOf } from '../report/rollout-story.ts';
import { toldOf } from './read-stories.ts';

const page = 500;

interface Known {
  /** Up to here the stream has been read. */
  version: number;
  readonly ended: RolloutStory[];
  /** Events since the last end. */
  open: JournalEvent[];
}

/**
 * The rollouts of targets for whoever asks again and again what is still needed of them: each event is read once, and of
 * what has ended only that is kept which retention asks for: release, end, and whether it was promoted.
 */
export class PastRollouts {
  readonly #journal: Journal;
  readonly #known = new Map<TargetId, Known>();

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  /** In order, running ones too. */
  async of(target: Target): Promise<readonly RolloutStory[]> {
    const id = targetId(target);
    const known = this.#known.get(id) ?? { version: 0, ended: [], open: [] };
    this.#known.set(id, known);
    for (let full = true; full; ) {
      const events = await this.#journal.read(`target/${id}`, { after: known.version, limit: page });
      for (const event of events) take(known, event, target);
      full = events.length === page;
      // Somebody waits for the rest of the program while a long stream is read for the first time.
      if (full) await new Promise(setImmediate);
    }
    return [...known.ended, ...storiesOf(target, known.open.map(toldOf))];
  }
}

function take(known: Known, event: JournalEvent, target: Target): void {
  // Another question may have read it meanwhile.
  if (event.version <= known.version) return;
  known.version = event.version;
  if (event.type === 'BatchRecorded') return;
  known.open.push(event);
  if (event.type !== 'RolloutEnded') return;
  known.ended.push(...storiesOf(target, known.open.map(toldOf)).map(neededOf));
  known.open = [];
}

/** The plan, its gates and all that happened would take a hundred times the room. */
function neededOf(story: RolloutStory): RolloutStory {
  const { plan } = story;
  return {
    ...story,
    plan: plan && { ...plan, steps: [], backSteps: [], previous: null },
    gates: [],
    paperwork: null,
    before: null,
    events: story.events.filter(({ type }) => type === 'ReleasePromoted').slice(0, 1),
  };
}
