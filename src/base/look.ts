/** What the content of a file, an answer or an output must show. */
export type Match =
  /** A regular expression in which the dot matches line breaks too; evaluated within a time bound. */
  | { readonly kind: 'pattern'; readonly source: string }
  /** Any of these, literally. */
  | { readonly kind: 'literal'; readonly any: readonly string[] }
  /** JSON that holds at least this: objects by their keys, lists by members found anywhere. */
  | { readonly kind: 'json'; readonly value: unknown };

/** Something outside that can be looked at, and that is there or not. Paths are relative to the workspace. */
export type Look =
  /** One of several paths that do as well. `match` null: that it is a file is enough. */
  | { readonly kind: 'file'; readonly paths: readonly string[]; readonly match: Match | null }
  | { readonly kind: 'directory'; readonly paths: readonly string[] }
  /** JSON, and what the JSON Schema says where one is given. */
  | { readonly kind: 'json'; readonly paths: readonly string[]; readonly schema: unknown }
  /** `status` null: any below 400. */
  | {
      readonly kind: 'http';
      readonly method: string;
      readonly url: string;
      readonly status: number | null;
      readonly match: Match | null;
    }
  /** A process whose command line holds the name, or that listens on the port. */
  | { readonly kind: 'process'; readonly name: string; readonly port: number | null }
  /** A command of the project's own: it holds with exit code 0. `tests`: and its output must count at least one test, none failed. */
  | {
      readonly kind: 'command';
      readonly run: string;
      readonly timeoutMs: number;
      readonly env: Readonly<Record<string, string>>;
      readonly tests: boolean;
    };

/** What was seen. */
export interface Seen {
  readonly holds: boolean;
  /** For people: `no such file: a.md or b.md`, `HTTP/1.1 503 Service Unavailable`. */
  readonly observed: string;
  /** Of the file, the answer's body or the whole output; null where there is none. */
  readonly digest: string | null;
  readonly exitCode: number | null;
  /** The part that matched, or the tail of what was printed; at most 2,000 characters. */
  readonly excerpt: string;
  /** Path that was found, for files; else null. */
  readonly path: string | null;
  /** The first MiB of the file, for whoever wants to know whether it only restates what was asked; null for other looks. */
  readonly content: string | null;
  readonly at: number;
}
