import type { Bindings } from './bindings.ts';
import type { PlannedCriterion } from './planned-criterion.ts';

/**
 * Globs of what no executor may change: verdicts of QA, the state, the documents, the bindings with what they name, and the scripts
 * by which steps are judged.
 */
export function protectedPaths(
  documents: readonly string[],
  { file, protectedPaths: own, agents }: Bindings,
  criteria: readonly PlannedCriterion[],
): readonly string[] {
  const instructions = [...(agents?.values() ?? [])].flatMap((agent) => agent.instructions ?? []);
  const scripts = criteria.flatMap(({ test }) =>
    test.kind === 'look' && test.look.kind === 'command' ? scriptsIn(test.look.run) : [],
  );
  const named = [...documents, ...(file === null ? [] : [file]), ...instructions, ...scripts];
  return [...new Set(['QA/**', '.sluice/**', ...named.filter(within).map(plain), ...own])];
}

/** Words of a command that are files of the workspace: `./probe.sh`, `node checks/look.ts`. */
function scriptsIn(command: string): readonly string[] {
  return command
    .split(/[\s;|&<>()"'`=]+/)
    .filter((word) =>
      /^[\w@.-]+(?:\/[\w@.-]+)*\.(?:sh|bash|zsh|[cm]?[jt]s|py|rb|pl|php|lua|ps1|go|rs)$|^\.\/[\w@./-]+$/.test(
        word,
      ),
    );
}

/** What lies outside the workspace cannot be changed from within. */
function within(path: string): boolean {
  return !path.startsWith('/') && !path.split('/').includes('..');
}

/** Names are no globs: `[a].md` is a file. */
function plain(path: string): string {
  return path.replace(/^\.\//, '').replace(/[*?[\]{}!\\]/g, '\\$&');
}
