import type { Anchor } from './anchor.ts';
import { chainHash, genesisHash } from './hash-chain.ts';
import type { JournalEvent, JournalProblem } from './journal.ts';

export interface ChainProblem extends JournalProblem {
  /** Null when the event that would tell is missing. */
  readonly stream: string | null;
}

export interface ChainCheck {
  readonly events: number;
  readonly streams: number;
  readonly head: Anchor | null;
  /** The first one: behind a broken link nothing can be judged. */
  readonly problem: ChainProblem | null;
}

/** Follows the chain over the events in order of sequence, up to its first problem. `anchor` null: nothing is known of the tail. */
export function checkChain(events: Iterable<JournalEvent>, anchor: Anchor | null): ChainCheck {
  const versions = new Map<string, number>();
  let head: Anchor = { sequence: 0, hash: genesisHash };
  const result = (problem: ChainProblem | null): ChainCheck => ({
    events: head.sequence,
    streams: versions.size,
    head: head.sequence === 0 ? null : head,
    problem,
  });
  for (const event of events) {
    const { stream, version, sequence, hash } = event;
    const problem = linkProblem(head, event, (versions.get(stream) ?? 0) + 1) ?? anchorProblem(event, anchor);
    if (problem !== null) return result(problem);
    versions.set(stream, version);
    head = { sequence, hash };
  }
  return result(tailProblem(head, anchor));
}

function linkProblem(head: Anchor, event: JournalEvent, version: number): ChainProblem | null {
  const { stream, sequence } = event;
  const expected = head.sequence + 1;
  if (sequence !== expected) {
    const message = `Event ${expected} is missing; event ${sequence} follows event ${head.sequence}.`;
    return { code: 'sequence-gap', sequence: expected, stream: null, message };
  }
  if (chainHash(head.hash, event) !== event.hash) {
    const message = `Event ${sequence} (${stream}, version ${event.version}) does not follow from the one before it: it was changed or moved.`;
    return { code: 'hash-mismatch', sequence, stream, message };
  }
  if (event.version === version) return null;
  const message = `Event ${sequence} is version ${event.version} of ${stream}, where version ${version} was expected.`;
  return { code: 'version-gap', sequence, stream, message };
}

function anchorProblem({ sequence, stream, hash }: JournalEvent, anchor: Anchor | null): ChainProblem | null {
  if (anchor?.sequence !== sequence || anchor.hash === hash) return null;
  const message = `Event ${sequence} (${stream}) is not the one that was acknowledged: the anchor holds another hash.`;
  return { code: 'hash-mismatch', sequence, stream, message };
}

function tailProblem(head: Anchor, anchor: Anchor | null): ChainProblem | null {
  if (anchor === null || anchor.sequence <= head.sequence) return null;
  const message = `The journal ends at event ${head.sequence}, but event ${anchor.sequence} was acknowledged: events ${head.sequence + 1} to ${anchor.sequence} were cut off.`;
  return { code: 'tail-cut-off', sequence: head.sequence + 1, stream: null, message };
}
