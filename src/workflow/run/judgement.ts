import type { Seen } from '../../base/look.ts';

/** What was found of one criterion. An agent's "done" is never one. */
export interface Judgement {
  /** `id` of the criterion within its owner. */
  readonly criterion: string;
  /**
   * `restates`: what is there only repeats the words of the criterion. `unbound`: nothing says how to look. `waits`: a person
   * has to say. `error`: it could not be looked at.
   */
  readonly outcome: 'holds' | 'fails' | 'restates' | 'unbound' | 'waits' | 'error';
  /** Without the content of files. */
  readonly seen: Omit<Seen, 'content'>;
}

/** How an attempt went, before anything was judged. */
export interface Performed {
  /** `claimed`: its document says that it was done, and nobody did it in this run. */
  readonly ended: 'done' | 'failed' | 'timed-out' | 'refused' | 'lost' | 'claimed';
  /** Of a command; else null. */
  readonly exitCode: number | null;
  /** Tail of what was printed, at most 2,000 characters; the whole is in the log. */
  readonly excerpt: string;
  /** Path of the log below the state directory; null where nothing was printed. */
  readonly log: string | null;
  readonly durationMs: number;
  /** Tokens and dollars of a model; null for others. */
  readonly usage: { readonly tokens: number; readonly dollars: number } | null;
  /** Protected paths that were changed, by digest: any fails the attempt. */
  readonly tampered: readonly string[];
}
