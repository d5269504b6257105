import type { Seen } from '../../base/look.ts';

/** What a look found, before it is known when. What is not given is null or empty. */
export type Sight = Pick<Seen, 'holds' | 'observed'> & Partial<Omit<Seen, 'at'>>;

export function seenAt(sight: Sight, at: number): Seen {
  return { digest: null, exitCode: null, excerpt: '', path: null, content: null, ...sight, at };
}

/** For sentences: `a`, `a or b`, `a, b or c`. */
export function anyOf(names: readonly string[]): string {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}
