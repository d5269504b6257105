import type { UnitId } from '../../base/ids.ts';

/** Where the report of a unit belongs, below the root of the repository. */
export function reportPath(unit: UnitId): string {
  return `QA/QA-Report-${unit}.md`;
}

/** What the names of the files below `QA` say about a unit, before any of them is read. */
export type Claim =
  | { readonly kind: 'missing' }
  | { readonly kind: 'one' }
  | { readonly kind: 'unusable'; readonly path: string; readonly reason: string };

/**
 * Exactly one file may claim a unit, and it has exactly the name and place that the unit has. `paths` are all files below
 * `QA` with `/` between names, from the root of the repository.
 */
export function claimOf(unit: UnitId, paths: readonly string[]): Claim {
  const wanted = reportPath(unit);
  const name = `qa-report-${unit}.md`.toLowerCase();
  const claims = paths.filter((path) => path.split('/').at(-1)?.toLowerCase() === name).sort();
  const [first, second] = claims;
  if (first === undefined) return { kind: 'missing' };
  if (second !== undefined) {
    return {
      kind: 'unusable',
      path: wanted,
      reason: `${claims.length} files claim ${unit}: ${claims.join(', ')}`,
    };
  }
  if (first === wanted) return { kind: 'one' };
  return {
    kind: 'unusable',
    path: first,
    reason: `the report of ${unit} must be ${wanted}, and this is ${first}`,
  };
}
