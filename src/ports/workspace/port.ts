/** What a workspace was at a moment. */
export interface WorkspaceSnapshot {
  /** Over all paths, kinds, modes, link targets and contents; the same for two workspaces that are the same byte for byte. */
  readonly digest: string;
  readonly files: number;
  readonly bytes: number;
}

export interface WorkspaceRestored {
  /** Of the workspace afterwards, taken anew: equal to that of the snapshot, or the call rejects with `restore-incomplete`. */
  readonly digest: string;
  /** Paths that were written, given back their mode, or removed; relative, at most 1,000. */
  readonly restored: readonly string[];
}

/** Folders in which steps do their work. Paths of the state directory are never part of one. */
export interface Workspaces {
  /**
   * Keeps the folder as it is under `id`: files with their modes, links, empty folders, ignored files too. An id that is kept
   * already is left as it is. Rejects with `snapshot-failed` when not everything could be read.
   */
  snapshot(id: string, root: string): Promise<WorkspaceSnapshot>;
  /** Makes the folder what it was. Rejects with `snapshot-missing`, `snapshot-damaged`, `restore-incomplete`. */
  restore(id: string, root: string): Promise<WorkspaceRestored>;
  /** Digests of the files that any of these globs matches, by path; for finding what was tampered with. */
  digests(root: string, globs: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Which are kept; of a long id its beginning, and what does as well for the rest. */
  ids(): Promise<readonly string[]>;
  /**
   * Lets go of one snapshot or several; contents that no other needs are removed. A damaged one stays, and every content while it
   * lies there. Returns the ids that went.
   */
  forget(ids: string | readonly string[]): Promise<readonly string[]>;
}
