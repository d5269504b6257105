import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { SluiceError } from '../base/sluice-error.ts';
import { agentModes } from '../workflow/plan/agent-file.ts';
import { type Bindings, noBindings } from '../workflow/plan/bindings.ts';
import { readBindings } from '../workflow/plan/read-bindings.ts';
import type { Side } from '../workflow/reading/read-document.ts';
import { workspaceFiles } from './workspace-files.ts';

/** Everything of which a plan is made, read from the disk. */
export interface WorkflowInput {
  /** Documents in the order in which they were given; agent files are among `texts`. */
  readonly documents: readonly { readonly file: string; readonly bytes: Uint8Array }[];
  readonly bindings: Bindings;
  /** Paths of the workspace, by which links are resolved. */
  readonly files: readonly string[];
  /** Agent files and instructions of the bindings, by the path under which they are named. */
  readonly texts: ReadonlyMap<string, string>;
}

export async function readWorkflowInput(
  given: readonly string[],
  { bindings: bindingsFile }: { readonly bindings?: string },
): Promise<WorkflowInput> {
  const bindings = bindingsFile === undefined ? noBindings : await bindingsOf(bindingsFile);
  const texts = new Map(await instructionsOf(bindings));
  const documents: { file: string; bytes: Uint8Array }[] = [];
  for (const path of given) {
    const [file, bytes] = [placeOf(path), await contentOf(path)];
    const text = /\.json$/i.test(path) ? bytes.toString('utf8') : '';
    if (text !== '' && agentModes(text) !== null) texts.set(file, text);
    else documents.push({ file, bytes });
  }
  return { documents, bindings, files: await workspaceFiles(given), texts };
}

export function sideOf(side: string | undefined): Side | undefined {
  if (side === undefined || side === 'ours' || side === 'theirs') return side;
  throw new SluiceError({
    code: 'side-unknown',
    message: `--side is "${side}"`,
    remedy: 'Write `--side ours` or `--side theirs`.',
  });
}

async function bindingsOf(file: string): Promise<Bindings> {
  const text = (await contentOf(file)).toString('utf8');
  const read = readBindings(text, { file: placeOf(file), env: process.env });
  if (read.ok) return read.bindings;
  const lines = read.problems.map(
    ({ file: where, line, column, message, remedy }) => `${where}:${line}:${column} ${message} → ${remedy}`,
  );
  throw new SluiceError({
    code: 'bindings-invalid',
    message: `${file} has ${lines.length} problem(s):\n${lines.join('\n')}`,
    remedy: 'Mend them; docs/workflow-bindings.md tells every key.',
    details: { problems: read.problems },
  });
}

/** A file that is not there is told with the plan, at the entry that names it. */
async function instructionsOf({ agents }: Bindings): Promise<readonly (readonly [string, string])[]> {
  const named = [...(agents?.values() ?? [])].flatMap(({ instructions }) => instructions ?? []);
  const read = named.map(async (path): Promise<readonly [string, string][]> => {
    const text = await readFile(path, 'utf8').catch(() => null);
    return text === null ? [] : [[path, text]];
  });
  return (await Promise.all(read)).flat();
}

async function contentOf(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
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

/** As links between documents are written: relative to where one works, with slashes. */
function placeOf(file: string): string {
  return relative(process.cwd(), file).replaceAll('\\', '/') || file;
}
