import { hash } from 'node:crypto';
import type { Branded } from './brand.ts';
import { canonicalJson } from './canonical-json.ts';
import { SluiceError } from './sluice-error.ts';

/** `sha256:` and 64 lower-case hexadecimal digits. */
export type Digest = Branded<'Digest'>;

const form = /^sha256:[0-9a-f]{64}$/;

/** Reads a digest; upper-case digits are accepted and lowered. Throws `digest-malformed`. */
export function parseDigest(text: string): Digest {
  const digest = text.trim().toLowerCase();
  if (form.test(digest)) return digest as Digest;
  throw new SluiceError({
    code: 'digest-malformed',
    message: `"${text}" is not a digest.`,
    remedy:
      'A digest is written sha256: followed by 64 hexadecimal digits, as `sluice artifact add` prints it.',
  });
}

export function isDigest(text: unknown): text is Digest {
  return typeof text === 'string' && form.test(text);
}

export function digestOfBytes(bytes: Uint8Array | string): Digest {
  return `sha256:${hash('sha256', bytes)}` as Digest;
}

/** Digest of a JSON value's canonical form: two values that are equal as JSON have one digest. */
export function digestOfJson(value: unknown): Digest {
  return digestOfBytes(canonicalJson(value));
}

/** The first twelve hexadecimal digits, for people. */
export function shortDigest(digest: Digest): string {
  return digest.slice('sha256:'.length, 'sha256:'.length + 12);
}
