import { canonicalJson } from '../base/canonical-json.ts';
import { digestOfBytes } from '../base/digest.ts';
import type { JournalEvent } from './journal.ts';

/** What the first event of a journal is chained to. */
export const genesisHash = digestOfBytes('sluice journal');

/** Hash over the previous event's hash and every field of this one: a changed, moved or missing event breaks the chain. */
export function chainHash(previous: string, event: Omit<JournalEvent, 'hash'>): string {
  const { stream, version, sequence, type, data, at, actor } = event;
  return digestOfBytes(`${previous}\n${canonicalJson({ stream, version, sequence, type, data, at, actor })}`);
}
