import { canonicalJson } from '../base/canonical-json.ts';
import { digestOfBytes } from '../base/digest.ts';
import type { JournalEvent } from './journal.ts';

/** What the first event of a journal is chained to. */
export const genesisHash = digestOfBytes('sluice journal');

/** Hash over the previous event's hash and every field of this one: a changed, moved or missing event breaks the chain. */
export function chainHash(previous: string, event: Omit<JournalEvent, 'hash'>): string {
  return chainHashOf(previous, event, canonicalJson(event.data));
}

/** The same where the canonical JSON of the data is at hand: the text is hashed as it stands. */
export function chainHashOf(
  previous: string,
  event: Omit<JournalEvent, 'hash' | 'data'>,
  data: string,
): string {
  const { stream, version, sequence, type, at, actor } = event;
  // As `canonicalJson` would write it, keys in order.
  const [by, when] = [JSON.stringify(actor), JSON.stringify(at)];
  const rest = canonicalJson({ sequence, stream, type, version }).slice(1);
  return digestOfBytes(`${previous}\n{"actor":${by},"at":${when},"data":${data},${rest}`);
}
