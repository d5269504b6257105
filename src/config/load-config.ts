import { stat } from 'node:fs/promises';
import path from 'node:path';
import { checkAdvice, checkRules } from './check-rules.ts';
import { checkSchema } from './check-schema.ts';
import type { ProjectConfig } from './config.ts';
import { Cursor, type Findings } from './cursor.ts';
import { explainConfig } from './explain-config.ts';
import { fillProject } from './fill-project.ts';
import type { Problem } from './problem.ts';
import { readFiles } from './read-files.ts';
import { sluiceSchema } from './schema.ts';

export type { Problem } from './problem.ts';

export type LoadedConfig =
  | {
      readonly ok: true;
      readonly config: ProjectConfig;
      /** Path of each value (`environments.production.replicas`) → `sluice.yml:7` or `default`. */
      readonly origins: ReadonlyMap<string, string>;
      readonly warnings: readonly Problem[];
    }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * Reads `sluice.yml` (or the one in a directory) with its includes and fills everything in. `env` is what `${env:NAME}`
 * may name. Every problem is reported at once, in the order of files and lines; it never rejects for bad input.
 */
export async function loadConfig(
  file: string,
  options: { readonly env: Readonly<Record<string, string | undefined>> },
): Promise<LoadedConfig> {
  const given = path.resolve(file);
  const absolute = (await isDirectory(given)) ? path.join(given, 'sluice.yml') : given;
  const { root, problems } = await readFiles(absolute, options.env);
  if (root === null) return { ok: false, problems: inOrder(problems) };
  const findings: Findings = { problems: [...problems], warnings: [], origins: new Map() };
  const formal = checkSchema(root, sluiceSchema);
  findings.problems.push(...formal);
  const cursor = new Cursor(root, root.at, '', '', findings);
  const config = fillProject(cursor, path.dirname(absolute));
  checkRules(cursor, config);
  checkAdvice(cursor, config);
  if (findings.problems.length > 0) return { ok: false, problems: inOrder(findings.problems) };
  const origins = new Map(
    explainConfig(config, findings.origins).map(({ path: key, origin }) => [key, origin]),
  );
  return { ok: true, config, origins, warnings: inOrder(findings.warnings) };
}

/** More would not be read by anybody. */
const mostProblems = 100;

/** One problem for each place and message; a wrong value is not told again by a rule that meets it. */
function inOrder(problems: readonly Problem[]): readonly Problem[] {
  const seen = new Map(
    problems.map((one) => [`${one.file}:${one.line}:${one.column}:${one.path}:${one.message}`, one]),
  );
  const sorted = [...seen.values()].sort(
    (left, right) =>
      left.file.localeCompare(right.file) || left.line - right.line || left.column - right.column,
  );
  const next = sorted[mostProblems];
  if (next === undefined) return sorted;
  const message = `There are ${sorted.length - mostProblems} more problems.`;
  return [...sorted.slice(0, mostProblems), { ...next, message, remedy: 'Mend the first ones.' }];
}

async function isDirectory(file: string): Promise<boolean> {
  // A missing or unreadable file is reported where it is read.
  return stat(file).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
