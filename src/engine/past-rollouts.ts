import type { Digest } from '../base/digest.ts';
import { type RolloutId, type Target, type TargetId, targetId } from '../base/ids.ts';
import type { Journal, JournalEvent } from '../journal/journal.ts';
import type { RolloutEvent } from '../rollout/event.ts';
import { JournalFollower } from './journal-follower.ts';

/** Of one rollout, what retention asks for: its whole story would take a hundred times the room. */
export interface PastRollout {
  readonly rollout: RolloutId;
  /** Wall clock; null while it runs. */
  readonly endedAt: number | null;
  /** What was to be deployed; null where not even that was known. */
  readonly artifact: Digest | null;
  /** Whether users relied on it once. */
  readonly promoted: boolean;
}

interface Known {
  readonly follower: JournalFollower;
  readonly rollouts: PastRollout[];
}

/** All that `take` looks at. */
const types: readonly RolloutEvent['type'][] = [
  'RolloutRequested',
  'RolloutPlanned',
  'VerificationFailed',
  'ReleasePromoted',
  'RolloutEnded',
];

/** The rollouts of targets for whoever asks again and again what is still needed of them: each event is read once. */
export class PastRollouts {
  readonly #journal: Journal;
  readonly #known = new Map<TargetId, Known>();
  /** One build goes to many targets: its digest is kept once. */
  readonly #digests = new Map<Digest, Digest>();

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  /** In order, running ones too. */
  async of(target: Target): Promise<readonly PastRollout[]> {
    const { follower, rollouts } = this.#knownOf(targetId(target));
    await follower.catchUp();
    return [...rollouts];
  }

  #knownOf(id: TargetId): Known {
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const rollouts: PastRollout[] = [];
    const follower = new JournalFollower({
      types,
      place: 'version',
      read: (range) => this.#journal.read(`target/${id}`, range),
      take: (event) => this.#take(rollouts, event),
    });
    const begun = { follower, rollouts };
    this.#known.set(id, begun);
    return begun;
  }

  #take(rollouts: PastRollout[], { type, data }: JournalEvent): void {
    const event = { ...(data as object), type } as RolloutEvent;
    if (event.type === 'RolloutRequested') {
      rollouts.push({ rollout: event.rollout, endedAt: null, artifact: null, promoted: false });
      return;
    }
    const last = rollouts.at(-1);
    // A target has one rollout at a time, so what lies between belongs to it.
    if (last?.endedAt !== null) return;
    const next = { ...last, ...factsOf(event) };
    rollouts[rollouts.length - 1] = { ...next, artifact: next.artifact && this.#same(next.artifact) };
  }

  #same(digest: Digest): Digest {
    const known = this.#digests.get(digest);
    if (known === undefined) this.#digests.set(digest, digest);
    return known ?? digest;
  }
}

function factsOf(event: RolloutEvent): Partial<PastRollout> {
  switch (event.type) {
    case 'RolloutPlanned':
      return { artifact: event.plan.release.artifact };
    case 'VerificationFailed':
      return { artifact: event.release?.artifact ?? null };
    case 'ReleasePromoted':
      return { promoted: true };
    case 'RolloutEnded':
      return { endedAt: event.at };
    default:
      return {};
  }
}
