import { type Affinity, fullWeight } from '../base/route-table.ts';
import type { RequestHead } from './engine.ts';
import { slotCount } from './target-counters.ts';

/** Where a request stands among the users. */
export interface Standing {
  /** 0 … 9,999; the candidate gets those below its weight. */
  readonly position: number;
  /** 0 … 99. With affinity it follows from the position, so that a slot lies on one side. */
  readonly slot: number;
  readonly setCookie: string | null;
}

const cookieDays = 30;

export function standingOf(affinity: Affinity, head: RequestHead, random: () => number): Standing {
  const key = keyOf(affinity, head);
  if (key !== null) return standingOfKey(key, null);
  if (affinity.kind === 'cookie') {
    const fresh = newKey(random);
    return standingOfKey(fresh, cookieText(affinity.name, fresh));
  }
  const slot = hash(head.remoteAddress) % slotCount;
  return { position: Math.floor(random() * fullWeight), slot, setCookie: null };
}

/** The value of a cookie in a request, null without it. */
export function cookieValue(head: RequestHead, name: string): string | null {
  const { cookie } = head.headers;
  if (cookie === undefined) return null;
  for (const part of cookie.split(';')) {
    const equals = part.indexOf('=');
    if (equals > 0 && part.slice(0, equals).trim() === name) return part.slice(equals + 1).trim();
  }
  return null;
}

export function headerValue(head: RequestHead, name: string): string | null {
  const value = head.headers[name.toLowerCase()];
  if (value === undefined) return null;
  return Array.isArray(value) ? value.join(', ') : value;
}

/** A request without the header that should keep it on one side goes by chance. */
function keyOf(affinity: Affinity, head: RequestHead): string | null {
  if (affinity.kind === 'none') return null;
  return affinity.kind === 'cookie' ? cookieValue(head, affinity.name) : headerValue(head, affinity.name);
}

function standingOfKey(key: string, setCookie: string | null): Standing {
  const position = hash(key) % fullWeight;
  return { position, slot: Math.floor((position * slotCount) / fullWeight), setCookie };
}

function newKey(random: () => number): string {
  const word = () =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
  return word() + word();
}

function cookieText(name: string, value: string): string {
  return `${name}=${value}; Path=/; Max-Age=${cookieDays * 86_400}; HttpOnly; SameSite=Lax`;
}

/** FNV-1a over UTF-16 units with a final mix (the finalizer of MurmurHash3), 32 bits. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
