import { readFileSync } from 'node:fs';
import type { Kind } from './message.ts';

/** A message (or what looks like one) that is kept: a published class of smuggling, or what the fuzz test found. */
export interface Kept {
  readonly name: string;
  readonly kind: Kind;
  /** `refused`: no byte may reach the other side as a whole message. */
  readonly expect: 'refused' | 'accepted';
  readonly note: string;
  /** One character for each byte. */
  readonly bytes: string;
}

export const corpus = JSON.parse(
  readFileSync(new URL('../corpus/messages.json', import.meta.url), 'utf8'),
) as readonly Kept[];
