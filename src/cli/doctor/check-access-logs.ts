import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ProjectConfig } from '../../config/config.ts';
import { type Check, fail, ok } from './check.ts';
import { writingProblem } from './writing-problem.ts';

/** Whether the router could write the access logs that environments ask for. */
export async function checkAccessLogs({ environments }: ProjectConfig): Promise<readonly Check[]> {
  return Promise.all(
    environments.flatMap(({ name, edge }) =>
      edge?.accessLog === undefined ? [] : [checkAccessLog(`access log ${name}`, edge.accessLog.path)],
    ),
  );
}

/** The router makes the file, but no directory. */
async function checkAccessLog(name: string, path: string): Promise<Check> {
  const directory = dirname(path);
  const there = (await stat(directory).catch(() => null))?.isDirectory() ?? false;
  const problem = there ? await writingProblem(path, 'file') : `${directory} is not a directory`;
  if (problem === null) return ok(name, `${path} can be written`);
  return fail(
    name,
    problem,
    'Make the directory, let the user who runs the router write there, or name another file.',
  );
}
