import type { Look, Match, Seen } from '../../base/look.ts';

/** Looks at the world on behalf of criteria. Nothing that it is asked ever makes it throw: what could not be seen does not hold. */
export interface Observer {
  /** `root`: absolute path of the workspace; paths that lead out of it, by symbolic links too, are not there. */
  look(look: Look, options: { readonly root: string; readonly signal?: AbortSignal }): Promise<Seen>;
  /** Whether a text matches, within the time bound of patterns. */
  match(
    text: string,
    match: Match,
  ): Promise<{ readonly holds: boolean; readonly observed: string; readonly excerpt: string }>;
  close(): Promise<void>;
}
