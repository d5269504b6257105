import type { Attempt } from './attempt.ts';
import type { RunFiles } from './run-files.ts';
import type { WorkflowParts } from './workflow-parts.ts';

/**
 * What an agent must not change, by digest. They are written down before it begins, so that a controller that was killed
 * compares with how it was before and not with what the agent had made of it.
 */
export class ProtectedPaths {
  readonly #parts: WorkflowParts;
  readonly #files: RunFiles;
  readonly #attempt: Attempt;

  constructor(parts: WorkflowParts, files: RunFiles, attempt: Attempt) {
    this.#parts = parts;
    this.#files = files;
    this.#attempt = attempt;
  }

  async remember(): Promise<void> {
    if ((await this.#files.read(this.#path)) !== null) return;
    await this.#files.keep(this.#path, JSON.stringify([...(await this.#now())]));
  }

  /** Paths that are there, gone or of another content since then. */
  async changed(): Promise<readonly string[]> {
    const kept = await this.#files.read(this.#path);
    const before = new Map(JSON.parse(kept ?? '[]') as [string, string][]);
    const now = await this.#now();
    const paths = new Set([...before.keys(), ...now.keys()]);
    return [...paths].filter((path) => before.get(path) !== now.get(path)).sort();
  }

  get #path(): string {
    const { node, attempt } = this.#attempt;
    return this.#files.logOf(node.id, attempt).replace(/\.log$/, '.protected.json');
  }

  #now(): Promise<ReadonlyMap<string, string>> {
    const { workspace, plan } = this.#attempt.run;
    return this.#parts.workspaces.digests(workspace, plan?.protectedPaths ?? []);
  }
}
