import { readFile, realpath, stat } from 'node:fs/promises';
import { relative, resolve, sep } from 'node:path';
import { SluiceError } from '../base/sluice-error.ts';
import { workspaceFiles } from '../disk/workspace-files.ts';
import { checkedJson, checkFiles } from '../engine/workflow/check-files.ts';
import { compileInput } from '../engine/workflow/compile-input.ts';
import { readWorkflowInput, type WorkflowInput } from '../engine/workflow/workflow-input.ts';
import { readDocument, type Side } from '../workflow/reading/read-document.ts';
import { countsOf } from '../workflow/reading/reading-json.ts';

/** What an agent names when it asks about documents; paths are relative to the workspace. */
export interface AskedDocuments {
  readonly documents: readonly string[];
  readonly bindings?: string;
  readonly side?: Side;
}

export interface DocumentRow {
  /** Relative to the workspace, with slashes. */
  readonly path: string;
  readonly generation: string | null;
  readonly steps: number;
  /** Each side of a document with conflicts is one that a run could follow. */
  readonly conflicts: number;
}

interface Known {
  readonly stamp: string;
  readonly row: DocumentRow | null;
}

/** Larger files are named to `workflow_check` and not looked for. */
const largestBytes = 2_000_000;

/** Workflow documents of one folder. Nothing outside of it is read, through symbolic links neither. */
export class WorkspaceDocuments {
  /** Absolute. */
  readonly workspace: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #known = new Map<string, Known>();

  /** `names`: variables that bindings may name. Their values are not shown to agents. */
  constructor(workspace: string, names: Iterable<string>) {
    this.workspace = workspace;
    this.#env = Object.fromEntries([...names].map((name) => [name, `\${env:${name}}`]));
  }

  /** In the order of their paths. */
  async list(): Promise<readonly DocumentRow[]> {
    const files = await workspaceFiles(this.workspace, []);
    const named = files.filter((file) => /\.md$|(?:^|\/)tasks\.json$/i.test(file)).sort();
    const rows: DocumentRow[] = [];
    for (const path of named) {
      const row = await this.#rowOf(path);
      if (row !== null) rows.push(row);
    }
    return rows;
  }

  /** The text of a workflow document. Throws `document-unknown`. */
  async read(path: string): Promise<string> {
    const inside = await this.#inside(path).catch(() => null);
    if (inside !== null && (await this.#rowOf(inside)) !== null) {
      return readFile(resolve(this.workspace, inside), 'utf8');
    }
    throw new SluiceError({
      code: 'document-unknown',
      message: `${path} is no workflow document of this workspace.`,
      remedy: 'The list of resources, or the tool workflow_list, names those that there are.',
    });
  }

  /** The same object for each document as `sluice workflow check --json` prints. */
  async check(asked: AskedDocuments): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const checked = checkFiles(await this.#input(asked), asked.side);
    return checked.map(({ file, result }) => ({ file, ...checkedJson(result) }));
  }

  /** The same as `sluice workflow plan --json` prints. */
  async plan(
    asked: AskedDocuments,
  ): Promise<{ readonly plan: object; readonly problems: readonly object[] }> {
    const { plan, problems } = compileInput(await this.#input(asked), asked.side);
    return { plan, problems };
  }

  /** Absolute paths, for the controller. */
  async paths({ documents, bindings }: AskedDocuments): Promise<{
    readonly documents: readonly string[];
    readonly bindings: string | null;
  }> {
    const absolute = async (path: string) => resolve(this.workspace, await this.#inside(path));
    return {
      documents: await Promise.all(documents.map(absolute)),
      bindings: bindings === undefined ? null : await absolute(bindings),
    };
  }

  async #input(asked: AskedDocuments): Promise<WorkflowInput> {
    const { documents, bindings } = await this.paths(asked);
    return readWorkflowInput(documents, bindings, { workspace: this.workspace, env: this.#env });
  }

  async #rowOf(path: string): Promise<DocumentRow | null> {
    const file = resolve(this.workspace, path);
    const found = await stat(file).catch(() => null);
    if (found === null || !found.isFile() || found.size > largestBytes) return null;
    const stamp = `${found.mtimeMs} ${found.size} ${found.ino}`;
    const known = this.#known.get(path);
    if (known?.stamp === stamp) return known.row;
    const row = rowOf(path, await readFile(file));
    this.#known.set(path, { stamp, row });
    return row;
  }

  /** The path within the workspace that a name means. Throws `path-outside`, `file-not-readable`. */
  async #inside(path: string): Promise<string> {
    const root = await realpath(this.workspace);
    const real = await realpath(resolve(this.workspace, path)).catch((cause: unknown) => {
      throw new SluiceError({
        code: 'file-not-readable',
        message: `${path} cannot be read.`,
        remedy: 'Name a file of the workspace; workflow_list names the documents in it.',
        cause,
      });
    });
    if (real.startsWith(root + sep)) return relative(root, real).replaceAll('\\', '/');
    throw new SluiceError({
      code: 'path-outside',
      message: `${path} lies outside of the workspace ${this.workspace}.`,
      remedy: 'Name a file of the workspace, or start `sluice mcp` in the folder that holds it.',
    });
  }
}

/** Null for a file without steps: notes and the like. */
function rowOf(path: string, bytes: Uint8Array): DocumentRow | null {
  const reading = readDocument(bytes);
  const { conflicts } = reading;
  const sides = 'document' in reading ? [reading.document] : [reading.sides.ours, reading.sides.theirs];
  const steps = Math.max(...sides.map((side) => countsOf(side).steps));
  const generations = new Set(sides.map(({ generation }) => generation));
  const [generation = null] = generations.size === 1 ? generations : [];
  return steps === 0 ? null : { path, generation, steps, conflicts };
}
