import type { ShieldSettings } from '../base/route-table.ts';

export type ArmRole = 'stable' | 'candidate';

/** What a request is, as far as another version may answer it instead. */
export interface Asked {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly hasBody: boolean;
  readonly upgrade: boolean;
}

/** One attempt to have a request answered. */
export interface Attempt {
  readonly arm: ArmRole;
  /** Status of the head that came; `failed` for a reset, nonsense or a deadline; null: nothing was sent. */
  readonly outcome: number | 'failed' | null;
  /** Why this version was asked in place of another; null for the first attempt. */
  readonly standIn: StandIn | null;
}

/** `shield`: stable in place of a candidate that failed. `asset`: the other version in place of one without the file. */
export type StandIn = 'shield' | 'asset';

export interface ShieldRules {
  /** Null: off. */
  readonly shield: ShieldSettings | null;
  /** As in the route table. */
  readonly assets: readonly string[];
}

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/** GET, HEAD and OPTIONS: whatever comes of them, asking again changes nothing (RFC 9110, 9.2.1). */
export function isSafe(method: string): boolean {
  return safeMethods.has(method);
}

/**
 * What is to become of a request after an attempt, while its client has got no byte of an answer: `pass` what came, have
 * it answered by a stand-in, or say `not-found` in place of the failure of a version that was only asked for a file that
 * the user's version does not have.
 */
export function afterAttempt(
  asked: Asked,
  { arm, outcome, standIn }: Attempt,
  rules: ShieldRules,
): 'pass' | 'not-found' | StandIn {
  const failed = outcome === null || outcome === 'failed' || outcome >= 500;
  if (standIn !== null) return standIn === 'asset' && failed ? 'not-found' : 'pass';
  if (outcome === null || asked.hasBody || asked.upgrade || !isSafe(asked.method)) return 'pass';
  if (failed) return rules.shield !== null && arm === 'candidate' ? 'shield' : 'pass';
  return outcome === 404 && isAsset(asked.path, rules.assets) ? 'asset' : 'pass';
}

/** The candidate is asked, and stable answers in its place if it fails. */
export function isShielded(asked: Asked, arm: ArmRole, standIn: StandIn | null, rules: ShieldRules): boolean {
  return afterAttempt(asked, { arm, outcome: 'failed', standIn }, rules) === 'shield';
}

/** True for a path (with or without a query) that one of the patterns of a route table covers. */
export function isAsset(path: string, patterns: readonly string[]): boolean {
  if (patterns.length === 0) return false;
  const end = path.search(/[?#]/);
  const plain = end < 0 ? path : path.slice(0, end);
  return patterns.some((pattern) =>
    pattern === hashed ? isHashed(plain) : plain.startsWith(pattern.endsWith('/') ? pattern : `${pattern}/`),
  );
}

const hashed = 'hashed';

/**
 * `app.3f9c2a1b.js`, `index-BxY12_ab.css`: at least eight letters, digits, `_` or `-` before the last ending. Words,
 * as in `jquery-validation.js` or `My-Component.js`, are names.
 */
function isHashed(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const mark = /[.~_-]([A-Za-z0-9_-]{8,64})\.[a-z][a-z0-9]{0,9}(?:\.map|\.gz|\.br)?$/.exec(name)?.[1];
  return mark !== undefined && /[0-9]|[a-z][A-Z]|[A-Z]{2}/.test(mark);
}
