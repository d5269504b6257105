import type { Bindings } from './bindings.ts';
import { judgingFiles } from './judging-files.ts';
import type { PlannedCriterion } from './planned-criterion.ts';

/**
 * Globs of what no executor may change: verdicts of QA, the state, the documents, the bindings with what they name, and the files
 * by which steps are judged. What a document asks for itself is none of these: somebody has to make it.
 */
export function protectedPaths(
  documents: readonly string[],
  { file, protectedPaths: own, agents }: Bindings,
  criteria: readonly PlannedCriterion[],
): readonly string[] {
  const instructions = [...(agents?.values() ?? [])].flatMap((agent) => agent.instructions ?? []);
  const promised = new Set(criteria.flatMap(promisedPaths));
  const judging = criteria
    .flatMap(({ test }) =>
      test.kind === 'look' && test.look.kind === 'command' ? judgingFiles(test.look) : [],
    )
    .filter((path) => !promised.has(path));
  const named = [...documents, ...(file === null ? [] : [file]), ...instructions].map((path) => plain(path));
  return [...new Set(['QA/**', '.sluice/**', ...[...named, ...judging].filter(within), ...own])];
}

/** Paths that a criterion of a document, and no probe, wants to be there. */
function promisedPaths({ label, test }: PlannedCriterion): readonly string[] {
  return label !== 'probe' && test.kind === 'look' && 'paths' in test.look ? test.look.paths : [];
}

/** What lies outside the workspace cannot be changed from within. */
function within(path: string): boolean {
  return !path.startsWith('/') && !path.split('/').includes('..');
}

/** Names are no globs: `[a].md` is a file. */
function plain(path: string): string {
  return path.replace(/^\.\//, '').replace(/[*?[\]{}!\\]/g, '\\$&');
}
