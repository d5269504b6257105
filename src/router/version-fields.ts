import type { ArmRole } from './shield.ts';

export type HeaderField = readonly [name: string, value: string];

/** The request header that asks for the version, in small letters, and what it says. */
export const debugHeader = 'sluice-debug';
export const versionWanted = 'version';

/** What an answer says of its origin: the version for programs, and the instance beside it where browsers show timings. */
export function versionFields(
  origin: { readonly version: string | null; readonly instance: string; readonly arm: ArmRole },
  shielded: boolean,
): readonly HeaderField[] {
  const { instance, arm } = origin;
  const version = origin.version ?? 'unknown';
  const words = [version, arm, instance, ...(shielded ? ['shielded'] : [])].map(plain).join(' ');
  return [
    ['Sluice-Version', plain(version)],
    ['Server-Timing', `sluice;desc="${words}"`],
  ];
}

/** Versions come from artifacts: nothing in one may end the field or its quotes. */
function plain(text: string): string {
  return text.replace(/[^\x20-\x7e]|["\\]/g, '_');
}
