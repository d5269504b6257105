import { readFile, stat } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { digestOfBytes } from '../../base/digest.ts';
import { SluiceError } from '../../base/sluice-error.ts';
import { workspaceFiles } from '../../disk/workspace-files.ts';
import { agentModes } from '../../workflow/plan/agent-file.ts';
import { type Bindings, noBindings } from '../../workflow/plan/bindings.ts';
import type { PlanSources } from '../../workflow/plan/plan.ts';
import { readBindings } from '../../workflow/plan/read-bindings.ts';

/** Everything of which a plan is made, read from the disk. */
export interface WorkflowInput {
  /** Documents in the order in which they were given; agent files are among `texts`. */
  readonly documents: readonly { readonly file: string; readonly bytes: Uint8Array }[];
  readonly bindings: Bindings;
  /** The files themselves: all that were given, and the bindings with the digest of their bytes. */
  readonly sources: Omit<PlanSources, 'side'>;
  /** Paths of the workspace, by which links are resolved. */
  readonly files: readonly string[];
  /** Agent files and instructions of the bindings, by the path under which they are named. */
  readonly texts: ReadonlyMap<string, string>;
}

/** Where the files lie, and what they may name. */
export interface InputPlace {
  /** Absolute. Paths that are given are absolute or relative to it. */
  readonly workspace: string;
  /** What `${env:NAME}` in the bindings stands for. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Reads documents, bindings and what these name. Throws `workspace-missing`, `file-not-readable`, or `bindings-invalid` with every
 * problem.
 */
export async function readWorkflowInput(
  given: readonly string[],
  bindingsFile: string | null,
  place: InputPlace,
): Promise<WorkflowInput> {
  const { workspace } = place;
  await mustBeFolder(workspace);
  const bound = bindingsFile === null ? null : await contentOf(bindingsFile, workspace);
  const bindings = bound === null ? noBindings : bindingsOf(bindingsFile ?? '', bound, place);
  const texts = new Map(await instructionsOf(bindings, workspace));
  const documents: { file: string; bytes: Uint8Array }[] = [];
  for (const path of given) {
    const [file, bytes] = [placeOf(path, workspace), await contentOf(path, workspace)];
    const text = /\.json$/i.test(path) ? bytes.toString('utf8') : '';
    if (text !== '' && agentModes(text) !== null) texts.set(file, text);
    else documents.push({ file, bytes });
  }
  const files = await workspaceFiles(
    workspace,
    given.map((path) => resolve(workspace, path)),
  );
  const sources = {
    given: given.map((path) => placeOf(path, workspace)),
    bindings: bound === null ? null : { path: bindings.file ?? '', digest: digestOfBytes(bound) },
  };
  return { documents, bindings, sources, files, texts };
}

/** A run would wait for ever for a snapshot of what is not there. */
async function mustBeFolder(workspace: string): Promise<void> {
  const found = await stat(workspace).catch(() => null);
  if (found?.isDirectory()) return;
  throw new SluiceError({
    code: 'workspace-missing',
    message: `${workspace} is ${found === null ? 'not there' : 'no folder'}, and steps would work in it.`,
    remedy: 'Make that folder, or name another one with --workspace.',
  });
}

function bindingsOf(file: string, bytes: Buffer, { workspace, env }: InputPlace): Bindings {
  const text = bytes.toString('utf8');
  const read = readBindings(text, { file: placeOf(file, workspace), env });
  if (read.ok) return read.bindings;
  const lines = read.problems.map(
    ({ file: where, line, column, message, remedy }) =>
      `${where}:${line}:${column} ${message}\n    → ${remedy}`,
  );
  throw new SluiceError({
    code: 'bindings-invalid',
    message: `${placeOf(file, workspace)} has ${lines.length} ${lines.length === 1 ? 'problem' : 'problems'}:\n${lines.join('\n')}`,
    remedy: 'Mend them; docs/workflow-bindings.md tells every key.',
    details: { problems: read.problems },
  });
}

/** A file that is not there is told with the plan, at the entry that names it. */
async function instructionsOf(
  { agents }: Bindings,
  workspace: string,
): Promise<readonly (readonly [string, string])[]> {
  const named = [...(agents?.values() ?? [])].flatMap(({ instructions }) => instructions ?? []);
  const read = named.map(async (path): Promise<readonly [string, string][]> => {
    const text = await readFile(resolve(workspace, path), 'utf8').catch(() => null);
    return text === null ? [] : [[path, text]];
  });
  return (await Promise.all(read)).flat();
}

async function contentOf(file: string, workspace: string): Promise<Buffer> {
  try {
    return await readFile(resolve(workspace, file));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new SluiceError({
      code: 'file-not-readable',
      message: `${file} cannot be read${code === undefined ? '' : ` (${code})`}`,
      remedy: 'Check the path, and that you may read it.',
      cause,
    });
  }
}

/** As links between documents are written: relative to the workspace, with slashes. */
function placeOf(file: string, workspace: string): string {
  return relative(workspace, resolve(workspace, file)).replaceAll('\\', '/') || file;
}
